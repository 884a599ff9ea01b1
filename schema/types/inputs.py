"""What callers send.  Absent keeps, null clears; the actions check every value."""

import strawberry
from strawberry import UNSET

from cms.actions.photos import Upload
from schema.scalars import URL, DateTime
from schema.types.enums import ArticleStatus, ChangeKind, OnDuplicate, PhotoStatus, RelatedKind, Role

ID = strawberry.ID
given = strawberry.field


@strawberry.input(description="Which articles.  Several conditions must all hold.")
class ArticleFilter:
    ids: list[ID] | None = given(default=UNSET, description="Those with these ids.")
    mine: bool | None = given(default=UNSET, description="true: those that the caller made.")
    has_failing_checks: bool | None = given(
        default=UNSET, description="true: those that could not be published as they stand; for staff, else none."
    )
    status: list[ArticleStatus] | None = given(default=UNSET, description="Those in one of these states.")
    section: str | None = given(default=UNSET, description="Those of this section (slug) and the ones below it.")
    tag: list[str] | None = given(default=UNSET, description="Those with one of these tags (slugs).")
    author: str | None = given(default=UNSET, description="Those signed by this author (slug).")
    language: str | None = given(default=UNSET, description="Those in this language (BCP 47).")
    published_after: DateTime | None = given(default=UNSET, description="Those first published after this instant.")
    published_before: DateTime | None = given(default=UNSET, description="Those first published before this instant.")
    updated_after: DateTime | None = given(default=UNSET, description="Those saved after this instant.")
    photo: ID | None = given(default=UNSET, description="Those that show this photo.")


@strawberry.input(description="Which photos.  Several conditions must all hold.")
class PhotoFilter:
    query: str | None = given(
        default=UNSET,
        description="Those of which something begins with each of these words: caption, headline, credit, keywords, people, filename.",
    )
    credit: str | None = given(default=UNSET, description="Those whose credit line has words that begin with these.")
    status: list[PhotoStatus] | None = given(default=UNSET, description="Those in one of these states.")
    created_after: DateTime | None = given(default=UNSET, description="Those uploaded after this instant.")
    taken_after: DateTime | None = given(default=UNSET, description="Those taken after this instant.")
    usable: bool | None = given(default=UNSET, description="Those that may be shown now, or may not.")
    unused: bool | None = given(
        default=UNSET, description="true: those in no story that the caller sees; false: those in one."
    )
    keyword: str | None = given(default=UNSET, description="Those with this keyword, in small letters or large.")
    person: str | None = given(default=UNSET, description="Those that show this person, by the whole name.")
    expires_before: DateTime | None = given(
        default=UNSET, description="Those that may not be shown any more from an instant before this one."
    )
    expires_within: int | None = given(
        default=UNSET,
        description="Those that may be shown now and not any more so many days from now; for staff, else none.",
    )
    sha256: str | None = given(default=UNSET, description="Those with these bytes: SHA-256 in hex.")


@strawberry.input(description="A sign-in.")
class SignInInput:
    email: str = given(description="The account's address.")
    password: str = given(description="Its password.")


@strawberry.input(description="Another password for oneself.")
class ChangePasswordInput:
    current: str = given(description="The password so far.")
    next: str = given(description="The new one, of 12 characters or more.")


@strawberry.input(description="An account: without id a new one, with id and version a change.")
class SaveUserInput:
    id: ID | None = given(default=UNSET, description="The account to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    name: str | None = given(default=UNSET, description="As colleagues see it.")
    email: str | None = given(default=UNSET, description="What they sign in with; unique.")
    password: str | None = given(default=UNSET, description="12 characters or more; ends their sessions.")
    role: Role | None = given(default=UNSET, description="What they may do; another one ends their sessions.")
    sections: list[ID] | None = given(default=UNSET, description="The sections that they work for; empty means all.")
    active: bool | None = given(default=UNSET, description="May they sign in?  false ends their sessions.")


@strawberry.input(description="A key for a program.")
class CreateKeyInput:
    label: str = given(description="What it is for.")
    partner: ID | None = given(default=UNSET, description="The partner, for `createPartnerKey` alone.")
    scopes: list[str] | None = given(
        default=UNSET, description="The only permissions that it may be used for; empty means all of its owner's."
    )
    expires_at: DateTime | None = given(default=UNSET, description="When it ends; null for never.")


@strawberry.input(description="A key that is to open nothing any more.")
class RevokeKeyInput:
    id: ID = given(description="The key.")


@strawberry.input(description="A point of the picture, 0 to 1 from the top left.")
class FocalPointInput:
    x: float = given(description="From the left.")
    y: float = given(description="From the top.")


@strawberry.input(description="What may be done with a photo.")
class PhotoRightsInput:
    expires_at: DateTime | None = given(default=UNSET, description="When the right to show it ends.")
    restrictions: str | None = given(default=UNSET, description="What the supplier forbids.")
    syndicatable: bool | None = given(default=UNSET, description="May partners have it?  null is true.")
    territories: list[str] | None = given(
        default=UNSET, description="Where it may be shown, as ISO 3166-1 codes of two letters; empty means everywhere."
    )


@strawberry.input
class PhotoFields:
    credit: str | None = given(default=UNSET, description="The credit line, printed as it is.")
    caption: str | None = given(default=UNSET, description="What the picture shows.")
    alt_text: str | None = given(default=UNSET, description="The picture in words.")
    headline: str | None = given(default=UNSET, description="A title for the archive.")
    copyright_notice: str | None = given(default=UNSET, description="The legal line.")
    usage_terms: str | None = given(default=UNSET, description="How it may be used.")
    data_mining: str | None = given(
        default=UNSET, description="What machines may learn from it: a URI of PLUS's data mining vocabulary."
    )
    rights: PhotoRightsInput | None = given(default=UNSET, description="What may be done with it.")
    keywords: list[str] | None = given(default=UNSET, description="What it can be found by.")
    focal_point: FocalPointInput | None = given(default=UNSET, description="What every crop keeps.")


@strawberry.input(description="A photo to upload.  What is left out is read from the file.")
class UploadPhotoInput(PhotoFields):
    file: Upload = given(description="The file, as a part of the multipart request.")
    on_duplicate: OnDuplicate | None = given(
        default=OnDuplicate.REFUSE, description="If the same bytes are there already."
    )


@strawberry.input(description="Several photos to upload.")
class UploadPhotosInput:
    photos: list[UploadPhotoInput] = given(description="At most 10.")


@strawberry.input(description="Changes to a photo.")
class UpdatePhotoInput(PhotoFields):
    id: ID = given(description="The photo.")
    version: int = given(description="The version that the change was made on.")


@strawberry.input(description="Changes to several photos.")
class UpdatePhotosInput:
    photos: list[UpdatePhotoInput] = given(description="At most 100.")


@strawberry.input(description="A better file of the same picture.")
class ReplacePhotoFileInput:
    id: ID = given(description="The photo.")
    version: int = given(description="The version that the change was made on.")
    file: Upload = given(description="The file, as a part of the multipart request.")


@strawberry.input(description="A file that will be put straight into the store.")
class StartPhotoUploadInput:
    filename: str = given(description="What its sender calls it.")
    content_type: str = given(description="image/jpeg, image/png, …; it is put with this type.")
    byte_size: int = given(description="How many bytes it has, exactly.")
    sha256: str = given(description="The SHA-256 of its bytes, in hexadecimal digits.")


@strawberry.input(description="A file that was put.  What is left out is read from it.")
class FinishPhotoUploadInput:
    upload_id: ID = given(description="What `startPhotoUpload` answered.")
    credit: str | None = given(default=UNSET, description="The credit line, printed as it is.")
    caption: str | None = given(default=UNSET, description="What the picture shows.")
    alt_text: str | None = given(default=UNSET, description="The picture in words.")
    on_duplicate: OnDuplicate | None = given(
        default=OnDuplicate.REFUSE, description="If the same bytes are there already."
    )


@strawberry.input(description="A photo to withdraw for good.")
class WithdrawPhotoInput:
    id: ID = given(description="The photo.")
    version: int = given(description="The version that the decision was made on.")
    reason: str = given(description="Why, for the desk and the audit.")
    notice: str = given(description="What everyone who had it is told.")
    replacement: ID | None = given(default=UNSET, description="A photo to use instead; kept with the kill.")


@strawberry.input(description="A photo for one use.")
class PlacedPhotoInput:
    photo: ID = given(description="The photo.")
    caption: str | None = given(default=UNSET, description="A caption for this use only.")
    alt_text: str | None = given(default=UNSET, description="An alternative text for this use only.")


@strawberry.input(description="A link: to an article, or to an address with a title.")
class RelatedLinkInput:
    article: ID | None = given(default=UNSET, description="The article.")
    url: URL | None = given(default=UNSET, description="An address outside.")
    title: str | None = given(default=UNSET, description="What to show instead of the headline.")
    kind: RelatedKind | None = given(default=RelatedKind.RELATED, description="Why it stands here.")


@strawberry.input(description="What the page tells search engines.")
class SeoInput:
    title: str | None = given(default=UNSET, description="Instead of the headline.")
    description: str | None = given(default=UNSET, description="Instead of the summary.")
    canonical_url: URL | None = given(default=UNSET, description="Instead of the article's own address.")
    noindex: bool | None = given(default=UNSET, description="Leave the page out of search engines.")


@strawberry.input(description="A paragraph.")
class TextInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    html: str = given(description="Inline HTML; sanitised.")


@strawberry.input(description="A sub-heading.")
class HeadingInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    level: int | None = given(default=2, description="2 to 4.")
    text: str = given(description="Plain text.")


@strawberry.input(description="A direct quote.")
class QuoteInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    html: str = given(description="Inline HTML; sanitised.")
    attribution: str | None = given(default=UNSET, description="Who said it.")


@strawberry.input(description="A list.")
class ListInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    ordered: bool | None = given(default=False, description="Numbered, or with bullets.")
    items: list[str] = given(description="Inline HTML; sanitised.")


@strawberry.input(description="A photo in the body.")
class PhotoBlockInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    photo: ID = given(description="The photo.")
    caption: str | None = given(default=UNSET, description="A caption for this use only.")
    alt_text: str | None = given(default=UNSET, description="An alternative text for this use only.")


@strawberry.input(description="Several photos in the body.")
class GalleryInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    photos: list[PlacedPhotoInput] = given(description="The photos, in order.")


@strawberry.input(description="Something from elsewhere; nothing is fetched.")
class EmbedInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    url: URL = given(description="Its address.")
    title: str | None = given(default=UNSET, description="Its title.")


@strawberry.input(description="A fact box.")
class AsideInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")
    title: str | None = given(default=UNSET, description="Its title.")
    html: str = given(description="HTML with paragraphs and lists; sanitised.")


@strawberry.input(description="A break between two parts.")
class DividerInput:
    id: ID | None = given(default=UNSET, description="The block's id, to keep it.")


@strawberry.input(one_of=True, description="One block of a story's body.")
class BlockInput:
    paragraph: TextInput | None = given(default=UNSET, description="A paragraph.")
    heading: HeadingInput | None = given(default=UNSET, description="A sub-heading.")
    quote: QuoteInput | None = given(default=UNSET, description="A direct quote.")
    list: ListInput | None = given(default=UNSET, description="A list.")
    photo: PhotoBlockInput | None = given(default=UNSET, description="A photo.")
    gallery: GalleryInput | None = given(default=UNSET, description="Several photos.")
    embed: EmbedInput | None = given(default=UNSET, description="Something from elsewhere.")
    aside: AsideInput | None = given(default=UNSET, description="A fact box.")
    divider: DividerInput | None = given(default=UNSET, description="A break.")
    html: str | None = given(default=UNSET, description="A whole passage, split into blocks.")


@strawberry.input
class ArticleFields:
    kicker: str | None = given(default=UNSET, description="A word or two above the headline.")
    summary: str | None = given(default=UNSET, description="The paragraph under the headline.")
    body: list[BlockInput] | None = given(default=UNSET, description="Its text, block by block.")
    authors: list[str] | None = given(default=UNSET, description="Who signs it: slugs, in byline order.")
    byline_override: str | None = given(default=UNSET, description="What is printed instead of the authors' names.")
    dateline: str | None = given(default=UNSET, description="Where it was written.")
    tags: list[str] | None = given(default=UNSET, description="What it is about: names or slugs, made when new.")
    lead_photo: PlacedPhotoInput | None = given(default=UNSET, description="The photo at its head.")
    gallery: list[PlacedPhotoInput] | None = given(default=UNSET, description="Photos to browse through.")
    related: list[RelatedLinkInput] | None = given(default=UNSET, description="Links to other stories, in order.")
    seo: SeoInput | None = given(default=UNSET, description="What its page tells search engines.")
    translation_of: ID | None = given(
        default=UNSET, description="An article that it is a translation of; null takes it out of its translations."
    )
    embargoed_until: DateTime | None = given(default=UNSET, description="Hold it back until this instant.")
    expires_at: DateTime | None = given(default=UNSET, description="Take it down at this instant.")
    urgency: int | None = given(default=UNSET, description="How urgent it is: 1 (a flash) to 9 (IPTC).")
    internal_note: str | None = given(default=UNSET, description="For the staff alone; it never leaves.")


@strawberry.input(description="A new story, as a draft.")
class CreateArticleInput(ArticleFields):
    headline: str = given(description="Its headline.")
    slug: str | None = given(
        default=UNSET, description="The last part of its address; made from the headline if left out."
    )
    section: str = given(description="The section's slug.")
    language: str | None = given(default="en", description="A BCP 47 tag.")


@strawberry.input(description="Changes to a story.  On a published one they go live at once, as a new revision.")
class UpdateArticleInput(ArticleFields):
    id: ID = given(description="The article.")
    version: int = given(description="The version that the change was made on.")
    note: str | None = given(default=UNSET, description="Why, for the history.")
    keep_as_draft: bool | None = given(
        default=False, description="true: save it as a working copy; readers go on seeing the live version."
    )
    headline: str | None = given(default=UNSET, description="Its headline.")
    slug: str | None = given(default=UNSET, description="The last part of its address.")
    section: str | None = given(default=UNSET, description="The section's slug.")
    language: str | None = given(default=UNSET, description="A BCP 47 tag.")


@strawberry.input(description="A step in a story's life.")
class TransitionInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that was looked at.")
    at: DateTime | None = given(default=UNSET, description="When; now if left out.")
    note: str | None = given(default=UNSET, description="Why, for the history.")


@strawberry.input(description="A publication, now or at an instant to come.")
class PublishArticleInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that was looked at.")
    at: DateTime | None = given(default=UNSET, description="When; now if left out or past.")
    note: str | None = given(default=UNSET, description="Why, for the history.")
    accept_warnings: bool | None = given(default=True, description="false: warnings stop the publication too.")


@strawberry.input(description="A correction: an edit, and what readers are told of the mistake.")
class CorrectArticleInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that the change was made on.")
    correction: str = given(description="What readers are told.")
    body: list[BlockInput] | None = given(default=UNSET, description="Its text, block by block.")
    headline: str | None = given(default=UNSET, description="Its headline.")
    summary: str | None = given(default=UNSET, description="The paragraph under the headline.")


@strawberry.input(description="An old version to bring back, as a new one.")
class RestoreRevisionInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that was looked at.")
    revision: int = given(description="The version to bring back.")


@strawberry.input(description="A story's lead photo; null takes it away.")
class SetLeadPhotoInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that the change was made on.")
    photo: PlacedPhotoInput | None = given(default=UNSET, description="The photo.")


@strawberry.input(description="A story's links: replaces them all, in order.")
class SetRelatedLinksInput:
    id: ID = given(description="The article.")
    version: int = given(description="The version that the change was made on.")
    links: list[RelatedLinkInput] = given(description="The links.")


@strawberry.input(description="A section: without id a new one, with id and version a change.")
class SaveSectionInput:
    id: ID | None = given(default=UNSET, description="The section to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    slug: str | None = given(default=UNSET, description="Its name in addresses.")
    name: str | None = given(default=UNSET, description="Its name for readers.")
    description: str | None = given(default=UNSET, description="What belongs here.")
    parent: ID | None = given(default=UNSET, description="The section above.")
    position: int | None = given(default=UNSET, description="Its place among its siblings.")


@strawberry.input(description="A tag: without id a new one, with id and version a change.")
class SaveTagInput:
    id: ID | None = given(default=UNSET, description="The tag to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    slug: str | None = given(default=UNSET, description="Its name in addresses.")
    name: str | None = given(default=UNSET, description="Its name for readers.")


@strawberry.input(description="Tags that become one.")
class MergeTagsInput:
    from_: list[ID] = given(name="from", description="The tags that go; at most 100.")
    into: ID = given(description="The tag that stays.")


@strawberry.input(description="A story in a curated list; what is left out is the story's own.")
class CollectionItemInput:
    article: ID = given(description="The article.")
    headline: str | None = given(default=UNSET, description="Instead of its headline.")
    kicker: str | None = given(default=UNSET, description="Instead of its kicker.")
    summary: str | None = given(default=UNSET, description="Instead of its summary.")
    photo: PlacedPhotoInput | None = given(default=UNSET, description="Instead of its lead photo.")


@strawberry.input(description="A curated list: without id a new one, with id and version a change.")
class SaveCollectionInput:
    id: ID | None = given(default=UNSET, description="The list to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    slug: str | None = given(default=UNSET, description="Its name for programs; made from the title if left out.")
    title: str | None = given(default=UNSET, description="Its name for people.")
    description: str | None = given(default=UNSET, description="What it is for.")
    items: list[CollectionItemInput] | None = given(
        default=UNSET, description="The stories, in order: replaces them all, at most 500."
    )


@strawberry.input(description="An author: without id a new one, with id and version a change.")
class SaveAuthorInput:
    id: ID | None = given(default=UNSET, description="The author to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    slug: str | None = given(default=UNSET, description="Their name in addresses.")
    name: str | None = given(default=UNSET, description="Their name for readers.")
    role: str | None = given(default=UNSET, description="What they do.")
    bio: str | None = given(default=UNSET, description="A few sentences about them.")
    photo: ID | None = given(default=UNSET, description="Their portrait.")
    links: list[URL] | None = given(default=UNSET, description="Their pages elsewhere.")


@strawberry.input(description="A link that shows a story as it stands now.")
class PreviewLinkInput:
    id: ID = given(description="The article.")
    expires_at: DateTime | None = given(
        default=UNSET, description="When it ends, at most 30 days ahead; 7 days from now if left out."
    )


@strawberry.input(description="A story whose preview links end.")
class RevokePreviewLinksInput:
    id: ID = given(description="The article.")


@strawberry.input(description="A partner: without id a new one, with id and version a change.")
class SavePartnerInput:
    id: ID | None = given(default=UNSET, description="The partner to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    name: str | None = given(default=UNSET, description="Its name.")
    active: bool | None = given(default=UNSET, description="Do its keys open anything?")
    embargo_access: bool | None = given(
        default=UNSET, description="Does it get stories ahead of their embargo's end?  They come with `embargoedUntil`."
    )
    territories: list[str] | None = given(
        default=UNSET,
        description="Where it publishes, as ISO 3166-1 codes.  A photo that may be shown in some territories only goes to"
        " partners all of whose territories are among them.",
    )
    photo_distributors: list[str] | None = given(
        default=UNSET,
        description="Whose photos it may have: those whose credit ends with one of these names, or names nobody; null means"
        " everyone's.",
    )
    sections: list[ID] | None = given(
        default=UNSET, description="The sections that it gets, with all below them; empty means all."
    )


@strawberry.input(description="A feed: without id a new one, with id and version a change.")
class SaveFeedInput:
    id: ID | None = given(default=UNSET, description="The feed to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    slug: str | None = given(default=UNSET, description="Its name in addresses.")
    title: str | None = given(default=UNSET, description="Its name for people.")
    partner: ID | None = given(default=UNSET, description="Whose it is; null for everyone's.")
    section: str | None = given(default=UNSET, description="Only stories in this section and below, by its slug.")
    tags: list[str] | None = given(default=UNSET, description="Only stories with one of these tags, by their slugs.")
    author: str | None = given(default=UNSET, description="Only stories by this author, by their slug.")
    language: str | None = given(default=UNSET, description="Only stories in this language, a BCP 47 tag.")
    with_photos: bool | None = given(default=UNSET, description="false: texts only.")
    embargoed_ahead: bool | None = given(
        default=UNSET, description="true: with stories under embargo, if its partner gets these."
    )
    rotate_secret: bool | None = given(
        default=UNSET, description="true: its private addresses end, and it is given others."
    )


@strawberry.input(description="A partner has acted on a change.")
class AcknowledgeInput:
    cursor: str = given(description="The change's cursor.")
    note: str | None = given(default=UNSET, description="What was done, for the newsroom.")


@strawberry.input(description="A webhook: without id a new one, with id and version a change.")
class SaveWebhookInput:
    id: ID | None = given(default=UNSET, description="The webhook to change.")
    version: int | None = given(default=UNSET, description="The version that the change was made on.")
    url: URL | None = given(default=UNSET, description="Where changes are sent, by https.")
    events: list[ChangeKind] | None = given(default=UNSET, description="What it is told of; empty means everything.")
    partner: ID | None = given(
        default=UNSET,
        description="As whom it is told; null: what the public may know, for the newsroom's own programs.",
    )
    query: str | None = given(
        default=UNSET,
        description="A query with the variables $id, $kind, $version and $cursor, as far as it needs them; its answer is sent.",
    )
    active: bool | None = given(default=UNSET, description="Is it switched on?  true also ends a pause.")
    rotate_secret: bool | None = given(
        default=UNSET, description="true: it gets another secret; for a day what is sent is signed with both."
    )


@strawberry.input(description="A webhook that is to be tried.")
class TestWebhookInput:
    id: ID = given(description="The webhook.")


@strawberry.input(description="A delivery that is to be sent again.")
class RedeliverInput:
    id: ID = given(description="The delivery.")
