"""Syndication: what partners are entitled to, saved feeds, webhooks, and what each partner got."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from cms.ids import new
from cms.models.columns import Document, Instant


class Migration(migrations.Migration):
    dependencies = [('cms', '0005_photo_desk')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Feed',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('slug', fields.CharField(unique=True, max_length=120)),
                ('title', fields.CharField(max_length=200)),
                ('partner', fields.ForeignKeyField('cms.Partner', source_field='partner_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('section', fields.ForeignKeyField('cms.Section', source_field='section_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('author', fields.ForeignKeyField('cms.Author', source_field='author_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('language', fields.CharField(null=True, max_length=35)),
                ('text_only', fields.BooleanField(default=False)),
                ('embargoed_ahead', fields.BooleanField(default=False)),
                ('secret_number', fields.IntField(default=1)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'feed', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Saved feeds'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='FeedTag',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('feed', fields.ForeignKeyField('cms.Feed', source_field='feed_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('tag', fields.ForeignKeyField('cms.Tag', source_field='tag_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'feed_tag', 'app': 'cms', 'unique_together': (('feed_id', 'tag_id'),), 'pk_attr': 'id', 'table_description': 'A story of the feed has one of these tags.'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PartnerSection',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('partner', fields.ForeignKeyField('cms.Partner', source_field='partner_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('section', fields.ForeignKeyField('cms.Section', source_field='section_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'partner_section', 'app': 'cms', 'indexes': [Index(fields=['partner_id', 'section_id'])], 'pk_attr': 'id'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Webhook',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('version', fields.IntField(default=1)),
                ('url', fields.CharField(max_length=2000)),
                ('events', Document(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ('partner', fields.ForeignKeyField('cms.Partner', source_field='partner_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('query', fields.TextField(null=True, unique=False)),
                ('active', fields.BooleanField(default=True)),
                ('secret_number', fields.IntField(default=1)),
                ('previous_until', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('place', fields.CharField(max_length=60)),
                ('failures', fields.IntField(default=0)),
                ('failing_since', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('retry_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('paused_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'webhook', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Addresses that are told of changes'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Delivery',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('partner', fields.ForeignKeyField('cms.Partner', source_field='partner_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('webhook', fields.ForeignKeyField('cms.Webhook', source_field='webhook_id', null=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('change', fields.ForeignKeyField('cms.Change', source_field='change_id', db_constraint=True, to_field='position', related_name=False, on_delete=OnDelete.RESTRICT)),
                ('subject_id', fields.UUIDField()),
                ('channel', fields.CharField(max_length=180)),
                ('outcome', fields.CharField(max_length=10)),
                ('attempt', fields.IntField(default=0)),
                ('at', Instant(auto_now=False, auto_now_add=False)),
                ('status', fields.IntField(null=True)),
                ('duration_ms', fields.IntField(null=True)),
                ('next_attempt_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('acknowledged_at', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('note', fields.TextField(null=True, unique=False)),
            ],
            options={'table': 'delivery', 'app': 'cms', 'unique_together': (('channel', 'partner_id', 'change_id'),), 'indexes': [Index(fields=['partner_id', 'at', 'id']), Index(fields=['webhook_id', 'at', 'id']), Index(fields=['webhook_id', 'subject_id']), Index(fields=['outcome', 'next_attempt_at']), Index(fields=['change_id']), Index(fields=['subject_id', 'partner_id'])], 'pk_attr': 'id', 'table_description': 'What partners got'},
            bases=['Model'],
        ),
    ]
