"""The newsroom: revisions' public lives, corrections, previews, former slugs, curated lists, the audit, sign-ins that failed."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from cms.ids import new
from cms.models.columns import Document, Instant


class Migration(migrations.Migration):
    dependencies = [('cms', '0003_horizon')]

    initial = False

    operations = [
        ops.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=200)),
                ('user_id', fields.UUIDField(null=True)),
                ('action', fields.CharField(max_length=40)),
                ('subject_type', fields.CharField(max_length=20)),
                ('subject_id', fields.UUIDField()),
                ('summary', fields.CharField(max_length=300)),
                ('request_id', fields.CharField(max_length=40)),
            ],
            options={'table': 'audit_entry', 'app': 'cms', 'indexes': [Index(fields=['at', 'id']), Index(fields=['subject_id', 'at', 'id']), Index(fields=['user_id', 'at', 'id'])], 'pk_attr': 'id', 'table_description': 'Every write'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Collection',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('slug', fields.CharField(unique=True, max_length=120)),
                ('title', fields.CharField(max_length=200)),
                ('description', fields.TextField(null=True, unique=False)),
                ('updated_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'collection', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Curated lists'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CollectionItem',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('collection', fields.ForeignKeyField('cms.Collection', source_field='collection_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('article', fields.ForeignKeyField('cms.Article', source_field='article_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('position', fields.IntField()),
                ('headline', fields.CharField(null=True, max_length=300)),
                ('kicker', fields.CharField(null=True, max_length=120)),
                ('summary', fields.TextField(null=True, unique=False)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('caption', fields.TextField(null=True, unique=False)),
                ('alt_text', fields.TextField(null=True, unique=False)),
                ('photo_version', fields.IntField(null=True)),
            ],
            options={'table': 'collection_item', 'app': 'cms', 'indexes': [Index(fields=['collection_id', 'position'])], 'pk_attr': 'id', 'table_description': 'Stories in curated lists'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Correction',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('article', fields.ForeignKeyField('cms.Article', source_field='article_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('text', fields.TextField(unique=False)),
            ],
            options={'table': 'correction', 'app': 'cms', 'indexes': [Index(fields=['article_id', 'at'])], 'pk_attr': 'id', 'table_description': 'Public corrections'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FormerSlug',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('kind', fields.CharField(max_length=8)),
                ('slug', fields.CharField(max_length=160)),
                ('subject_id', fields.UUIDField(db_index=True)),
            ],
            options={'table': 'former_slug', 'app': 'cms', 'unique_together': (('kind', 'slug'),), 'pk_attr': 'id', 'table_description': 'Slugs that lead to where their owner is now'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='IdempotentRequest',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('caller', fields.CharField(max_length=60)),
                ('idempotency_key', fields.CharField(max_length=255)),
                ('body_sha256', fields.CharField(max_length=64)),
                ('outcome', Document(null=True, encoder=JSON_DUMPS, decoder=loads)),
                ('answer', fields.TextField(null=True, unique=False)),
                ('created_at', Instant(db_index=True, auto_now=False, auto_now_add=False)),
                ('lease_until', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'idempotent_request', 'app': 'cms', 'unique_together': (('caller', 'idempotency_key'),), 'pk_attr': 'id', 'table_description': 'Mutations that are not done twice'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhotoRevision',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('by', fields.CharField(max_length=200)),
                ('user_id', fields.UUIDField(null=True)),
                ('snapshot', Document(encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={'table': 'photo_revision', 'app': 'cms', 'unique_together': (('photo_id', 'version'),), 'pk_attr': 'id', 'table_description': 'Photos as saved'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PreviewLink',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('article', fields.ForeignKeyField('cms.Article', source_field='article_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('token_hash', fields.CharField(unique=True, max_length=64)),
                ('created_by', fields.UUIDField(null=True)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
                ('expires_at', Instant(db_index=True, auto_now=False, auto_now_add=False)),
                ('revoked_at', Instant(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'preview_link', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Links to stories that are not published'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='SignInTry',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('account', fields.CharField(max_length=64)),
                ('source', fields.CharField(max_length=64)),
                ('at', Instant(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'sign_in_try', 'app': 'cms', 'indexes': [Index(fields=['account', 'at']), Index(fields=['source', 'at'])], 'pk_attr': 'id', 'table_description': 'Sign-ins that failed'},
            bases=['Model'],
        ),
    ]
