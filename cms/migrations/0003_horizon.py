"""Indexes of the instants that end or begin what is visible: the horizon is asked for after every change.

Partial, because most rows have none.  Tortoise's models cannot say IS NOT NULL, so they do not name these.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

COLUMNS = (("article", "live_until"), ("article", "embargo_until"), ("photo", "rights_until"))


class Migration(migrations.Migration):
    dependencies = [("cms", "0002_documents")]

    initial = False

    operations = [
        ops.RunSQL(
            f"CREATE INDEX idx_{table}_{column} ON {table} ({column}) WHERE {column} IS NOT NULL",
            f"DROP INDEX idx_{table}_{column}",
        )
        for table, column in COLUMNS
    ]
