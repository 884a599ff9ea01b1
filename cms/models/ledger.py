"""What happened, in order, once."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Instant


class Change(Model):
    """One thing that happened to one story or photo.  Its order is (epoch, xid, position).

    `xid` is PostgreSQL's transaction id: a reader that stops below the oldest transaction still running can never step
    over a row that commits late, as it would with a sequence alone.  SQLite has one writer; there it is 0.  `epoch` is
    raised when a backup is restored, for transaction ids do not survive that.  `ahead`: it happened under embargo, and is
    told to those alone who get embargoed stories ahead.
    """

    position = fields.BigIntField(primary_key=True, generated=True)
    epoch = fields.IntField(default=1)
    xid = fields.BigIntField(default=0)
    at = Instant()
    kind = fields.CharField(32)
    subject_type = fields.CharField(16)
    subject_id = fields.UUIDField()
    version = fields.IntField()
    note = fields.TextField(null=True)
    by = fields.CharField(200)
    ahead = fields.BooleanField(default=False)

    class Meta:
        table = "change"
        table_description = "The ledger"
        indexes = [
            Index(fields=("epoch", "xid", "position")),
            Index(fields=("subject_id", "position")),
            Index(fields=("kind", "at")),
        ]
