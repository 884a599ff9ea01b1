"""The photo desk: what photos are found by, files on their way into the store."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from cms.ids import new
from cms.models.columns import Instant, Word


class Migration(migrations.Migration):
    dependencies = [('cms', '0004_newsroom')]

    initial = False

    operations = [
        ops.CreateModel(
            name='PhotoFile',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('filename', fields.CharField(max_length=255)),
                ('format', fields.CharField(max_length=8)),
                ('width', fields.IntField()),
                ('height', fields.IntField()),
                ('byte_size', fields.IntField()),
                ('sha256', fields.CharField(db_index=True, max_length=64)),
                ('store', fields.CharField(max_length=16)),
                ('original_key', fields.CharField(max_length=255)),
                ('at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'photo_file', 'app': 'cms', 'unique_together': (('photo_id', 'version'),), 'pk_attr': 'id', 'table_description': 'Files that photos had before'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhotoUpload',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('user_id', fields.UUIDField(null=True)),
                ('filename', fields.CharField(max_length=255)),
                ('content_type', fields.CharField(max_length=100)),
                ('byte_size', fields.IntField()),
                ('sha256', fields.CharField(max_length=64)),
                ('object_key', fields.CharField(db_index=True, max_length=255)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
                ('expires_at', Instant(db_index=True, auto_now=False, auto_now_add=False)),
                ('clearing_until', Instant(null=True, auto_now=False, auto_now_add=False)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', null=True, db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.RESTRICT)),
            ],
            options={'table': 'photo_upload', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Files on their way into the store'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhotoWord',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharField(max_length=7)),
                ('word', Word(max_length=300)),
            ],
            options={'table': 'photo_word', 'app': 'cms', 'indexes': [Index(fields=['kind', 'word', 'photo_id'])], 'pk_attr': 'id', 'table_description': 'What photos are looked for by'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PhotoLikeness',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('photo', fields.ForeignKeyField('cms.Photo', source_field='photo_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
                ('key', fields.IntField()),
            ],
            options={'table': 'photo_likeness', 'app': 'cms', 'indexes': [Index(fields=['key', 'photo_id'])], 'pk_attr': 'id', 'table_description': 'By what photos that look alike are found'},
            bases=['Model'],
        ),
    ]
