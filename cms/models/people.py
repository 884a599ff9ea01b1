"""Who may sign in, and the credentials that stand for them.  Secrets are kept as hashes only."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Document, Instant, foreign, key, owned, version


class User(Model):
    """`email` is stored in lower case.  No rows in `user_section` means all sections."""

    id = key()
    version = version()
    name = fields.CharField(120)
    email = fields.CharField(254, unique=True)
    password_hash = fields.CharField(200)
    role = fields.CharField(16)
    active = fields.BooleanField(default=True)
    created_at = Instant()

    class Meta:
        table = "newsroom_user"  # "user" is a reserved word of PostgreSQL
        table_description = "People who may sign in"


class UserSection(Model):
    id = key()
    user = owned("User")
    section = foreign("Section", index=True)

    class Meta:
        table = "user_section"
        indexes = [Index(fields=("user_id", "section_id"))]


class Session(Model):
    """One sign-in.  `token_hash` is the SHA-256 of the bearer token, in hex."""

    id = key()
    user = owned("User", index=True)
    token_hash = fields.CharField(64, unique=True)
    created_at = Instant()
    expires_at = Instant(db_index=True)

    class Meta:
        table = "session"
        table_description = "Sign-ins"


class SignInTry(Model):
    """A sign-in that failed: `account` is the SHA-256 of the address in lower case, whether or not someone has it; `source`
    is where the request came from."""

    id = key()
    account = fields.CharField(64)
    source = fields.CharField(64)
    at = Instant(db_index=True)

    class Meta:
        table = "sign_in_try"
        table_description = "Sign-ins that failed"
        indexes = [Index(fields=("account", "at")), Index(fields=("source", "at"))]


class Partner(Model):
    """A syndication partner, and what it is entitled to.  No rows in `partner_section` means all sections.

    `territories` are where it publishes, as ISO 3166-1 codes; empty: nobody said where.  `photo_distributors` are whose
    photos it may have, in small letters; None for everyone's.
    """

    id = key()
    version = version()
    name = fields.CharField(120, unique=True)
    active = fields.BooleanField(default=True)
    embargo_access = fields.BooleanField(default=False)
    territories = Document(default=list)
    photo_distributors = Document(null=True)
    created_at = Instant()

    class Meta:
        table = "partner"
        table_description = "Syndication partners"


class PartnerSection(Model):
    id = key()
    partner = owned("Partner")
    section = foreign("Section", index=True)

    class Meta:
        table = "partner_section"
        indexes = [Index(fields=("partner_id", "section_id"))]


class ApiKey(Model):
    """A program's credential: of a user, or of a partner.  `prefix` is the part that may be shown again, `last_used_at` right
    to a minute, and `scopes` the verbs of policy that it may be used for; none means all of its owner's."""

    id = key()
    label = fields.CharField(120)
    prefix = fields.CharField(16)
    secret_hash = fields.CharField(64, unique=True)
    user = foreign("User", null=True, index=True)
    partner = foreign("Partner", null=True, index=True)
    scopes = Document(default=list)
    created_at = Instant()
    expires_at = Instant(null=True)
    revoked_at = Instant(null=True)
    last_used_at = Instant(null=True)

    class Meta:
        table = "api_key"
        table_description = "Credentials of programs"
