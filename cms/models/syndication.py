"""What partners are given: feeds, webhooks, and the history of what each of them got."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from cms.models.columns import Document, Instant, foreign, key, owned, version


class Feed(Model):
    """A saved query.  Without a partner it is public; a condition that is NULL, or has no row, is none.

    `text_only` leaves the photos out; `embargoed_ahead` lets stories in that its partner may have under embargo.
    `secret_number` is raised to end the private address and give another.
    """

    id = key()
    version = version()
    slug = fields.CharField(120, unique=True)
    title = fields.CharField(200)
    partner = foreign("Partner", null=True, index=True)
    section = foreign("Section", null=True, index=True)
    author = foreign("Author", null=True, index=True)
    language = fields.CharField(35, null=True)
    text_only = fields.BooleanField(default=False)
    embargoed_ahead = fields.BooleanField(default=False)
    secret_number = fields.IntField(default=1)
    created_at = Instant()

    class Meta:
        table = "feed"
        table_description = "Saved feeds"


class FeedTag(Model):
    """A story of the feed has one of these tags."""

    id = key()
    feed = owned("Feed")
    tag = owned("Tag", index=True)

    class Meta:
        table = "feed_tag"
        unique_together = (("feed_id", "tag_id"),)


class Webhook(Model):
    """An address that is told of changes.  No `events` means all; without a partner it is told what the public may know.

    `place` is the ledger's cursor up to which deliveries were made.  Its secret is derived from the server's and
    `secret_number`; the one before it holds until `previous_until`.  `failures` are those in a row, since `failing_since`;
    after some nothing is tried before `retry_at`.  `paused_at` is set where that lasted too long, or where the other side said
    that it is gone.
    """

    id = key()
    version = version()
    url = fields.CharField(2000)
    events = Document(default=list)
    partner = foreign("Partner", null=True, index=True)
    query = fields.TextField(null=True)
    active = fields.BooleanField(default=True)
    secret_number = fields.IntField(default=1)
    previous_until = Instant(null=True)
    place = fields.CharField(60)
    failures = fields.IntField(default=0)
    failing_since = Instant(null=True)
    retry_at = Instant(null=True)
    paused_at = Instant(null=True)
    created_at = Instant()

    class Meta:
        table = "webhook"
        table_description = "Addresses that are told of changes"


class Delivery(Model):
    """One change on its way to one receiver by one channel: "feed latest.atom", "webhook <its key>".

    `outcome` is PENDING, DELIVERED, RETRYING, DEAD or FETCHED.  `subject_id` is the change's, for the order of one
    subject's deliveries.  `status` is what the other side answered, None where it did not.
    """

    id = key()
    partner = foreign("Partner", null=True)
    webhook = owned("Webhook", null=True)
    change = foreign("Change")
    subject_id = fields.UUIDField()
    channel = fields.CharField(180)
    outcome = fields.CharField(10)
    attempt = fields.IntField(default=0)
    at = Instant()
    status = fields.IntField(null=True)
    duration_ms = fields.IntField(null=True)
    next_attempt_at = Instant(null=True)
    acknowledged_at = Instant(null=True)
    note = fields.TextField(null=True)

    class Meta:
        table = "delivery"
        table_description = "What partners got"
        unique_together = (("channel", "partner_id", "change_id"),)
        indexes = [
            Index(fields=("partner_id", "at", "id")),
            Index(fields=("webhook_id", "at", "id")),
            Index(fields=("webhook_id", "subject_id")),
            Index(fields=("outcome", "next_attempt_at")),
            Index(fields=("change_id",)),
            Index(fields=("subject_id", "partner_id")),
        ]
