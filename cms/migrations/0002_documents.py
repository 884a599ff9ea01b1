from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from cms.ids import new
from cms.models.columns import Instant


class Migration(migrations.Migration):
    dependencies = [('cms', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='RegisteredDocument',
            fields=[
                ('id', fields.UUIDField(primary_key=True, default=new, unique=True, db_index=True)),
                ('name', fields.CharField(unique=True, max_length=120)),
                ('sha256', fields.CharField(unique=True, max_length=64)),
                ('text', fields.TextField(unique=False)),
                ('created_at', Instant(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'document', 'app': 'cms', 'pk_attr': 'id', 'table_description': 'Registered GraphQL documents'},
            bases=['Model'],
        ),
    ]
