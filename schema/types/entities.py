"""The things that can be read.  Every field here is in the catalog (schema/build.py refuses it otherwise): a method's
signature is the field's arguments, and its body never runs."""

from typing import Annotated, Any, Generic, NoReturn, TypeVar

import strawberry
from strawberry import UNSET

from schema.scalars import HTML, JSON, URL, DateTime
from schema.types.enums import (
    ArticleOrder,
    ArticleStatus,
    ChangeKind,
    CheckLevel,
    ContentCredentials,
    DeliveryOutcome,
    FeedFormat,
    Fit,
    ImageFormat,
    Omitted,
    PhotoRole,
    PhotoStatus,
    RelatedKind,
    Role,
    WebhookState,
)

Row = TypeVar("Row")

LATEST = ArticleOrder.PUBLISHED_AT_DESC


def says(description: str) -> Any:
    """A field that is described and has no arguments."""
    return strawberry.field(description=description)


def engine() -> NoReturn:
    raise AssertionError("the read engine answers this field")


@strawberry.interface(description="A thing with a global id.")
class Node:
    id: strawberry.ID = says("Opaque and global: `node(id:)` finds it again.")


@strawberry.type(description="Whether a list goes on, and from where.")
class PageInfo:
    has_next_page: bool = says("Is there a row after this page?")
    has_previous_page: bool = says("Is there a row before this page?")
    start_cursor: str | None = says("The first row's cursor; null in an empty page.")
    end_cursor: str | None = says("The last row's cursor; null in an empty page.")


@strawberry.type(description="One row of a page, with its cursor.")
class Edge(Generic[Row]):
    cursor: str = says("Where this row stands in the list; opaque.")
    node: Row = says("The row itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Row]):
    """Connection[Article] is called ArticleConnection, and its edges ArticleEdge."""

    edges: list[Edge[Row]] = says("The rows of this page with their cursors.")
    nodes: list[Row] = says("The rows of this page.")
    page_info: PageInfo = says("Whether there is more, and from where.")
    total_count: int = says("How many rows the whole list has; counted only when asked for.")


@strawberry.type(description="A part of the site; sections form a tree.")
class Section(Node):
    version: int = says("Grows by one with every saved change.")
    slug: str = says("Its name in addresses; unique.")
    name: str = says("Its name for readers.")
    description: str | None = says("What belongs here.")
    parent: "Section | None" = says("The section above; null at the top.")
    children: list["Section"] = says("The sections below, in editor order.")

    @strawberry.field(description="Its articles, with those of all sections below it unless `deep` is false.")
    def articles(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        deep: bool | None = True,
        order_by: ArticleOrder | None = LATEST,
    ) -> Connection["Article"]:
        engine()


@strawberry.type(description="What a story is about.")
class Tag(Node):
    version: int = says("Grows by one with every saved change.")
    slug: str = says("Its name in addresses; unique.")
    name: str = says("Its name for readers.")

    @strawberry.field(description="The articles that carry it.")
    def articles(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        order_by: ArticleOrder | None = LATEST,
    ) -> Connection["Article"]:
        engine()


@strawberry.type(description="Someone who signs stories.")
class Author(Node):
    version: int = says("Grows by one with every saved change.")
    slug: str = says("Their name in addresses; unique.")
    name: str = says("Their name for readers.")
    role: str | None = says('What they do: "Foreign editor".')
    bio: str | None = says("A few sentences about them, plain text.")
    photo: "Photo | None" = says("Their portrait; null where there is none that may be shown.")
    links: list[URL] = says("Their pages elsewhere.")

    @strawberry.field(description="The articles that they signed.")
    def articles(
        self,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        order_by: ArticleOrder | None = LATEST,
    ) -> Connection["Article"]:
        engine()


@strawberry.type(description="The point of a picture that every crop keeps: 0 to 1 from the top left.")
class FocalPoint:
    x: float = says("From the left edge (0) to the right (1).")
    y: float = says("From the top edge (0) to the bottom (1).")


@strawberry.type(description="A credit line taken apart; the line itself is always printed as it is.")
class CreditChain:
    creators: list[str] = says("Who made it, as printed; STR stands for a stringer who is not named.")
    source: str | None = says("The first party that supplied it.")
    via: list[str] = says("The parties between source and distributor, in order.")
    distributor: str | None = says("The party that it came from last.")
    pool: bool = says("Made for a pool of media.")
    handout: bool = says("Handed out by an interested party.")


@strawberry.type(description="Where a photo was taken.")
class PhotoLocation:
    sublocation: str | None = says("The place within the city.")
    city: str | None = says("The city.")
    region: str | None = says("The state or province.")
    country: str | None = says("The country's name.")
    country_code: str | None = says("The country's ISO 3166-1 code, two or three letters.")


@strawberry.type(description="What may be done with a photo.")
class PhotoRights:
    usable: bool = says("May it be shown to the public now?")
    expires_at: DateTime | None = says("When the right to show it ends; null for never.")
    restrictions: str | None = says("What the supplier forbids, in its own words.")
    syndicatable: bool = says("May partners have it?")
    territories: list[str] = says("Where it may be shown, as ISO 3166-1 codes; empty means everywhere.")


@strawberry.type(description="A press photo with its credit.")
class Photo(Node):
    version: int = says("Grows by one with every saved change.")
    status: PhotoStatus = says("Whether it can be used.")
    credit: str = says('Printed as it is, beside the picture: "STR/KCNA VIA KNS/AFP".')
    credit_chain: CreditChain = says("The credit line taken apart.")
    caption: str = says("What the picture shows.")
    alt_text: str | None = says("The picture in words, for those who cannot see it.")
    headline: str | None = says("A title for the archive.")
    copyright_notice: str | None = says("The legal line.")
    usage_terms: str | None = says("How it may be used, in words.")
    license_url: URL | None = says("Where its licence is told.")
    digital_source_type: str | None = says("How it was made: a URI of IPTC's digital source type NewsCodes.")
    data_mining: str | None = says("What machines may learn from it: a URI of PLUS's data mining vocabulary.")
    taken_at: DateTime | None = says("When it was taken; null where that is not known.")
    location: PhotoLocation | None = says("Where it was taken; null where that is not known.")
    keywords: list[str] = says("What it can be found by.")
    people: list[str] = says("Who is shown.")
    filename: str = says("The uploaded file's name.")
    format: ImageFormat = says("The original's format.")
    width: int = says("The upright original's width in pixels.")
    height: int = says("The upright original's height in pixels.")
    byte_size: int = says("The original's size in bytes.")
    sha256: str = says("The original's SHA-256, in hex.")
    focal_point: FocalPoint = says("What every crop keeps; the middle until it is set.")
    placeholder: str = says("A ThumbHash of the picture, in base64, to show while it loads.")
    dominant_color: str = says("Its main colour, as #rrggbb.")
    original_url: URL | None = says(
        "Where its bytes are as they were uploaded, for 15 minutes; for staff, else null, and null for a withdrawn photo."
    )
    rights: PhotoRights = says("What may be done with it.")
    metadata: JSON | None = says(
        "What its file says of itself, and which value was taken from where; for staff, else null."
    )
    content_credentials: ContentCredentials = says("The state of the original's content credentials.")
    created_at: DateTime = says("When it was uploaded.")
    updated_at: DateTime = says("When it was last changed.")

    @strawberry.field(
        description="A rendition's address; sizes in pixels snap up to a ladder, and nothing is enlarged."
    )
    def url(
        self,
        width: int | None = UNSET,
        height: int | None = UNSET,
        fit: Fit | None = Fit.COVER,
        format: ImageFormat | None = ImageFormat.AUTO,
    ) -> URL:
        engine()

    @strawberry.field(
        description="Addresses and widths for an img element's srcset; only sizes that the original fills."
    )
    def srcset(self, widths: list[int] | None = UNSET, format: ImageFormat | None = ImageFormat.AUTO) -> str:
        engine()

    @strawberry.field(description="The articles that show it.")
    def used_in(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection["Article"]:
        engine()

    @strawberry.field(
        description="Photos that show the same or a part of it, the nearest first, at most 50; for staff, else empty."
    )
    def similar(self, first: int | None = 5) -> list["SimilarPhoto"]:
        engine()


@strawberry.type(description="A photo beside one that it looks like.")
class SimilarPhoto:
    photo: Photo = says("The photo.")
    distance: int = says("How far apart they are: up to 8 they show the same, up to 19 one shows a part of the other.")
    exact: bool = says("Are they the same bytes?")


@strawberry.type(description="A photo as used by one article: its caption may differ there, its credit may not.")
class PlacedPhoto:
    role: PhotoRole = says("What it does in the story.")
    photo: Photo = says("The photo.")
    caption: str = says("The caption for this use, else the photo's own.")
    credit: str = says("The photo's credit line, as it is.")
    alt_text: str = says("The alternative text for this use, else the photo's own, else empty.")
    drifted: bool = says("Did the photo's caption change after this use was given one of its own?")
    caption_override: str | None = says("What was typed for this use; for staff, else null.")
    alt_text_override: str | None = says("What was typed for this use; for staff, else null.")


@strawberry.interface(description="A part of a story's body; its id is stable.")
class Block:
    id: strawberry.ID = says("Stable: a block sent back with its id keeps it.")


@strawberry.type(description="A paragraph.")
class Paragraph(Block):
    html: HTML = says("Inline HTML.")


@strawberry.type(description="A sub-heading.")
class Heading(Block):
    level: int = says("2 to 4.")
    text: str = says("Plain text.")
    anchor: str = says("Its fragment in the page's address; unique in the story.")


@strawberry.type(description="A direct quote.")
class Quote(Block):
    html: HTML = says("Inline HTML.")
    attribution: str | None = says("Who said it.")


@strawberry.type(description="A list.")
class ListBlock(Block):
    ordered: bool = says("Numbered, or with bullets.")
    items: list[HTML] = says("The items, inline HTML.")


@strawberry.type(description="A photo in the body.")
class PhotoBlock(Block):
    photo: PlacedPhoto | None = says("The photo; null when it may not be shown.")
    photo_id: strawberry.ID | None = says("Which photo was placed here; for staff, else null.")


@strawberry.type(description="Several photos in the body.")
class GalleryBlock(Block):
    photos: list[PlacedPhoto] = says("The photos that may be shown, in order.")


@strawberry.type(description="Something from elsewhere; nothing is fetched.")
class Embed(Block):
    url: URL = says("Its address.")
    provider: str = says("Whose it is.")
    html: HTML = says("At least a plain link.")
    title: str | None = says("Its title.")


@strawberry.type(description="A fact box.")
class Aside(Block):
    title: str | None = says("Its title.")
    html: HTML = says("HTML with paragraphs and lists.")


@strawberry.type(description="A break between two parts.")
class Divider(Block):
    pass


BLOCKS = (Paragraph, Heading, Quote, ListBlock, PhotoBlock, GalleryBlock, Embed, Aside, Divider)


@strawberry.type(description="A link from a story to another, or to an address outside.")
class RelatedLink:
    kind: RelatedKind = says("Why it stands here.")
    title: str = says("What was typed for it, else the article's headline.")
    url: URL = says("Where it leads.")
    article: "Article | None" = says("The article; null for an address outside.")


@strawberry.type(description="What a page tells search engines.")
class Seo:
    title: str = says("What was typed for it, else the headline.")
    description: str = says("What was typed for it, else the summary, else empty.")
    canonical_url: URL = says("What was typed for it, else the article's own address.")
    noindex: bool = says("Asks search engines to leave the page out.")


@strawberry.type(description="What would stop the publication of a story, or worry its publisher.")
class Check:
    level: CheckLevel = says("Whether it stops the publication.")
    code: str = says("For programs: the code with which publishing refuses or warns.")
    message: str = says("One sentence for a person.")


@strawberry.type(description="What readers are told of a mistake.")
class Correction:
    at: DateTime = says("When it was mended.")
    text: str = says("What was wrong, plain text.")


@strawberry.type(description="A story as one save left it, or as readers saw it at an instant (`asOf`).")
class Revision:
    version: int = says("The article's version after that save.")
    at: DateTime = says("When it was saved.")
    by: str = says("Who saved it; for readers, the site.")
    note: str | None = says("Why; for staff, else null.")
    headline: str = says("Its headline then.")
    summary: str | None = says("The paragraph under the headline then.")
    body_html: HTML = says("Its text then as HTML, photos with their captions and credits of then.")
    snapshot: JSON = says(
        "All of it, in the words of this schema.  From `asOf` only what readers saw: no note, and nothing that was hidden"
        " then or may not be shown to the caller now."
    )


@strawberry.type(description="What is different between two versions.")
class FieldChange:
    field: str = says(
        '"headline", "seo.title"; "body[ID]" for a block that was changed, added (before is null) or removed (after is'
        ' null); "body" for the order of the blocks that both have.'
    )
    before: JSON | None = says("What it was; null for nothing.")
    after: JSON | None = says("What it became; null for nothing.")


@strawberry.type(description="A story.")
class Article(Node):
    slug: str = says("The last part of its address; unique.")
    url: URL = says("Its page on the site.")
    version: int = says("Grows by one with every saved change.")
    status: ArticleStatus = says("Where it stands in its public life.")
    language: str = says("A BCP 47 tag.")
    urgency: int | None = says("How urgent it is: 1 (a flash) to 9 (IPTC); null where nobody said.")
    internal_note: str | None = says("A note among the staff, else null; it never leaves.")
    section: Section = says("The section that it belongs to.")
    kicker: str | None = says("A word or two above the headline.")
    headline: str = says("Its headline.")
    summary: str | None = says("The paragraph under the headline.")
    byline: str = says("Who signs it, as printed.")
    authors: list[Author] = says("Who signs it, in byline order.")
    dateline: str | None = says('Where it was written: "SEOUL".')
    body: list[Block] = says("Its text, as typed blocks.")
    body_html: HTML = says("Its text as HTML, photos included.")
    body_text: str = says("Its text without markup.")
    word_count: int = says("How many words it has.")
    reading_minutes: int = says("How long it takes to read, in minutes.")
    lead_photo: PlacedPhoto | None = says("The photo at its head; null where there is none that may be shown.")
    photos: list[PlacedPhoto] = says("All its photos that may be shown: lead, body, gallery.")
    gallery: list[PlacedPhoto] = says("The photos of its gallery that may be shown.")
    omitted: Omitted | None = says("Why it comes without some of the photos that its readers see; null where none is.")
    tags: list[Tag] = says("What it is about.")
    translations: list["Article"] = says("The same story in other languages, by language.")
    seo: Seo = says("What its page tells search engines.")
    created_at: DateTime = says("When it was made.")
    updated_at: DateTime = says("When it was last saved.")
    published_at: DateTime | None = says("Its first publication, which never moves; null before.")
    modified_at: DateTime | None = says("The last change that a reader would notice.")
    scheduled_for: DateTime | None = says("When it will appear; for staff only, else null.")
    expires_at: DateTime | None = says("When it will disappear; null for never.")
    embargoed_until: DateTime | None = says("Until when it is held back; null for no embargo.")
    checks: list[Check] = says("What would stop or worry a publisher now; for staff only, else empty.")
    json_ld: JSON = says("schema.org NewsArticle, for the page's head.")
    corrections: list[Correction] = says("What readers were told of mistakes, newest first.")
    working_copy: Revision | None = says(
        "Edits that are saved and not live yet: what publishing would bring.  For staff, else null."
    )

    @strawberry.field(
        description="Links that editors chose, in their order; those that lead to hidden stories are left out."
    )
    def related(self, first: int | None = 4) -> list[RelatedLink]:
        engine()

    @strawberry.field(
        description="What readers saw at an instant: null where they saw nothing.  An instant to come is as now."
    )
    def as_of(self, time: DateTime) -> Revision | None:
        engine()

    @strawberry.field(description="Every save, newest first; for staff, else empty.")
    def revisions(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Revision]:
        engine()

    @strawberry.field(
        description="What is different between two versions; for staff, else empty, as it is for versions that are not there."
    )
    def diff(self, from_: Annotated[int, strawberry.argument(name="from")], to: int) -> list[FieldChange]:
        engine()

    @strawberry.field(description="Visible articles whose chosen links lead here.")
    def linked_from(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection["Article"]:
        engine()


@strawberry.type(description="A story in a curated list, with words and a photo for this use where such were given.")
class CollectionItem:
    article: Article = says("The story.")
    headline: str = says("What was typed for this list, else the story's.")
    kicker: str | None = says("What was typed for this list, else the story's.")
    summary: str | None = says("What was typed for this list, else the story's.")
    photo: PlacedPhoto | None = says(
        "The photo given for this list, else the story's lead; null where neither may be shown."
    )


@strawberry.type(description="A curated list: a home page, a section front, a newsletter.")
class Collection(Node):
    slug: str = says("Its name for programs; unique.")
    title: str = says("Its name for people.")
    description: str | None = says("What it is for.")
    version: int = says("Grows by one with every saved change.")
    updated_at: DateTime = says("When it was last saved.")

    @strawberry.field(description="Its stories in order; hidden ones are left out, and the list fills up.")
    def items(self, first: int | None = 20) -> list[CollectionItem]:
        engine()


@strawberry.type(description="Someone who may sign in.")
class User(Node):
    version: int = says("Grows by one with every saved change.")
    name: str = says("Their name.")
    email: str = says("Their address for signing in.")
    role: Role = says("What they may do.")
    sections: list[Section] = says("The sections that they work for; empty means all.")
    active: bool = says("May they sign in?")
    created_at: DateTime = says("When the account was made.")
    keys: list["Key"] = says("The keys of programs that act for them, for themselves and for who manages keys.")


@strawberry.type(description="A program's credential.")
class Key:
    id: strawberry.ID = says("Opaque; `revokeKey` takes it.")
    label: str = says("What it is for.")
    prefix: str = says("How it starts: the rest was shown once.")
    created_at: DateTime = says("When it was made.")
    last_used_at: DateTime | None = says("When it was last used, right to a minute; null for never.")
    expires_at: DateTime | None = says("When it ends; null for never.")
    revoked_at: DateTime | None = says("When it was revoked; null where it was not.")
    scopes: list[str] = says("The only permissions that it may be used for; empty means all of its owner's.")


@strawberry.type(description="One write: who did what, when, and in which request.")
class AuditEntry:
    at: DateTime = says("When it was done.")
    by: str = says("Who did it, as they were called then; empty for nobody in particular.")
    action: str = says('What was done: "article.publish".')
    subject: Node | None = says("What it was done to; null where that is gone, or is nothing that can be looked up.")
    subject_id: strawberry.ID = says("The id of what it was done to, whether or not it is still there.")
    summary: str = says("A line for people, such as a headline.")
    request_id: str = says("X-Request-Id of the request; empty for the command line and the worker.")


@strawberry.type(description="One row of a page, with its cursor.")
class AuditEdge:
    cursor: str = says("Where this row stands in the list; opaque.")
    node: AuditEntry = says("The row itself.")


@strawberry.type(description="A page of a list.")
class AuditConnection:
    """By hand: the contract's name for it is not the one that Connection[AuditEntry] has."""

    edges: list[AuditEdge] = says("The rows of this page with their cursors.")
    nodes: list[AuditEntry] = says("The rows of this page.")
    page_info: PageInfo = says("Whether there is more, and from where.")
    total_count: int = says("How many rows the whole list has; counted only when asked for.")


@strawberry.type(description="Something that happened to a story or a photo.")
class Change:
    cursor: str = says("`changes(after:)` goes on behind it; `acknowledgeChange` takes it.")
    at: DateTime = says("When it happened.")
    kind: ChangeKind = says("What happened.")
    subject: Node | None = says("What it happened to, as it stands now; null where the caller sees it no more.")
    subject_id: strawberry.ID = says("The id of what it happened to, whether or not it is still there.")
    version: int = says("The version that it made.")
    note: str | None = says("What the newsroom says about it to those who have it.")


@strawberry.type(description="One change, and how one partner got it by one channel.")
class Delivery:
    id: strawberry.ID = says("Opaque.")
    change: Change = says("The change.")
    channel: str = says('How it went: "feed politics.atom".')
    attempt: int = says("How many times it was tried; 0 for what the partner fetched.")
    at: DateTime = says("When it was given, or last tried.")
    status: int | None = says("What the other side answered, as HTTP has it; null where it did not.")
    duration_ms: int | None = says("How long the last try took.")
    next_attempt_at: DateTime | None = says("When it is tried again.")
    outcome: DeliveryOutcome = says("How it stands.")
    acknowledged_at: DateTime | None = says("When the partner said that it has acted on it.")
    note: str | None = says("What the partner said with that.")


@strawberry.type(description="A feed in one form.")
class FeedUrl:
    format: FeedFormat = says("The form.")
    url: URL = says("Where it is.")


@strawberry.type(description="A saved feed.")
class Feed(Node):
    version: int = says("Grows by one with every saved change.")
    slug: str = says("Its name in addresses.")
    title: str = says("Its name for people.")
    filter: JSON = says("Which stories it holds, as `saveFeed` took it.")
    urls: list[FeedUrl] = says("Where it is; a partner's feed is opened with the partner's key.")
    private_urls: list[FeedUrl] = says(
        "Where a partner's feed is for readers that cannot send a key; for the partner and who manages partners, else empty."
    )
    partner: "Partner | None" = says("Whose it is; null for a public feed, and for who may not know.")
    created_at: DateTime = says("When it was made.")


@strawberry.type(description="A syndication partner, and what it is entitled to.")
class Partner(Node):
    version: int = says("Grows by one with every saved change.")
    name: str = says("Its name.")
    active: bool = says("Do its keys open anything?")
    embargo_access: bool = says("Does it get stories ahead of their embargo's end?")
    territories: list[str] = says("Where it publishes, as ISO 3166-1 codes.")
    photo_distributors: list[str] | None = says("Whose photos it may have, in small letters; null means everyone's.")
    sections: list[Section] = says("The sections that it gets, with all below them; empty means all.")
    feeds: list[Feed] = says("Its feeds.")
    keys: list[Key] = says("Its keys.")
    created_at: DateTime = says("When it was made.")

    @strawberry.field(description="What it got: which version of what, when, by which channel; the newest first.")
    def ledger(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Delivery]:
        engine()


@strawberry.type(description="An address that is told of changes.")
class Webhook(Node):
    version: int = says("Grows by one with every change that someone saved.")
    url: URL = says("The address.")
    events: list[ChangeKind] = says("What it is told of; empty means everything.")
    active: bool = says("Is it switched on?")
    state: WebhookState = says("How it goes.")
    partner: Partner | None = says("As whom it is told; null: what the public may know.")
    query: str | None = says("What it is sent in place of the usual: the answer to this query.")
    created_at: DateTime = says("When it was made.")

    @strawberry.field(description="What it was sent, and is to be; the newest first.")
    def deliveries(self, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Delivery]:
        engine()


ENTITIES = (Article, Photo, Section, Tag, Author, User, Collection, Partner, Feed, Webhook)
