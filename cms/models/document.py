"""GraphQL documents that callers may name in place of sending them."""

from tortoise import fields
from tortoise.models import Model

from cms.models.columns import Instant, key


class RegisteredDocument(Model):
    """`sha256` is that of the text in UTF-8, in hex; the text is kept to the byte, for the hash is its public name too."""

    id = key()
    name = fields.CharField(120, unique=True)
    sha256 = fields.CharField(64, unique=True)
    text = fields.TextField()
    created_at = Instant()

    class Meta:
        table = "document"
        table_description = "Registered GraphQL documents"
