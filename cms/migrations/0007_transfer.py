"""Imports: where things came from, and the addresses that they had there."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from cms.ids import new
from cms.models.columns import Instant


class Migration(migrations.Migration):
    dependencies = [('cms', '0006_syndication')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Origin',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('source', fields.CharField(max_length=300)),
                ('kind', fields.CharField(max_length=8)),
                ('foreign_id', fields.CharField(max_length=500)),
                ('subject_id', fields.UUIDField(db_index=True)),
                ('digest', fields.CharField(max_length=64)),
                ('version', fields.IntField()),
                ('at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'origin', 'app': 'cms', 'unique_together': (('source', 'kind', 'foreign_id'),), 'pk_attr': 'id', 'table_description': 'Where imported things came from'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Redirect',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('path', fields.CharField(unique=True, max_length=600)),
                ('article', fields.ForeignKeyField('cms.Article', source_field='article_id', db_index=True, db_constraint=True, to_field='id', related_name=False, on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'redirect', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Old addresses of stories'},
            bases=['Model'],
        ),
    ]
