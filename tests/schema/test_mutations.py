"""Stories and their sorting over GraphQL: done, refused with the input's path, and refused to those who may not."""

from typing import Any

import pytest

from cms.models import Article, Revision, Section
from tests import house
from tests.schema.conftest import signed_in
from tests.web import Web

ARTICLE = """article { id slug version status headline summary byline wordCount section { slug } tags { name slug }
  authors { slug } leadPhoto { caption credit altText photo { id } } body { __typename id ... on Paragraph { html }
  ... on Heading { level text anchor } ... on Quote { html attribution } }
  related { kind title url article { slug } } publishedAt expiresAt }
  errors { code message field currentVersion currentBy }"""
CREATE = f"mutation($input: CreateArticleInput!) {{ createArticle(input: $input) {{ {ARTICLE} }} }}"
UPDATE = f"mutation($input: UpdateArticleInput!) {{ updateArticle(input: $input) {{ {ARTICLE} }} }}"
PUBLISH = f"mutation($input: PublishArticleInput!) {{ publishArticle(input: $input) {{ {ARTICLE} warnings {{ code field }} }} }}"
UNPUBLISH = f"mutation($input: TransitionInput!) {{ unpublishArticle(input: $input) {{ {ARTICLE} }} }}"
LEAD = f"mutation($input: SetLeadPhotoInput!) {{ setLeadPhoto(input: $input) {{ {ARTICLE} }} }}"
RELATED = f"mutation($input: SetRelatedLinksInput!) {{ setRelatedLinks(input: $input) {{ {ARTICLE} }} }}"
SECTION = "mutation($input: SaveSectionInput!) { saveSection(input: $input) { section { id slug version parent { slug } } errors { code field currentVersion } } }"
TAG = (
    "mutation($input: SaveTagInput!) { saveTag(input: $input) { tag { id slug name version } errors { code field } } }"
)
AUTHOR = "mutation($input: SaveAuthorInput!) { saveAuthor(input: $input) { author { id slug name links } errors { code field } } }"
READ = '{ article(slug: "a-first-story") { headline } }'


async def made(editor: Web, **fields: Any) -> Any:
    await house.section("World")
    given = {"headline": "A first story", "section": "world", "body": [{"paragraph": {"html": "Something happened."}}]}
    answer = (await editor.ask(CREATE, input=given | fields))["createArticle"]
    assert answer["errors"] == []
    return answer["article"]


def codes(answer: Any) -> list[tuple[str, list[str] | None]]:
    return [(one["code"], one["field"]) for one in answer["errors"]]


STEP = "mutation($input: TransitionInput!) {{ {}(input: $input) {{ {} }} }}"
SUBMIT, WITHDRAW = STEP.format("submitArticle", ARTICLE), STEP.format("withdrawArticle", ARTICLE)
DELETE = STEP.format("deleteArticle", "deletedId errors { code message field }")
CORRECT = f"mutation($input: CorrectArticleInput!) {{ correctArticle(input: $input) {{ {ARTICLE} }} }}"
RESTORE = (
    f"mutation($input: RestoreRevisionInput!) {{ restoreRevision(input: $input) {{ {ARTICLE} warnings {{ code }} }} }}"
)
PAST = """query($slug: String!, $time: DateTime!) { article(slug: $slug) { headline version urgency internalNote
  corrections { text } workingCopy { version headline } asOf(time: $time) { version by note headline snapshot }
  revisions(first: 2) { totalCount nodes { version note headline } edges { cursor node { version } } }
  diff(from: 2, to: 3) { field before after } } }"""


async def test_a_live_story_is_kept_back_published_corrected_restored_and_withdrawn(web: Web, editor: Web) -> None:
    story = await made(editor, urgency=2, internalNote="Quiet")
    id, slug = story["id"], story["slug"]

    async def step(document: str, **fields: Any) -> Any:
        [answer] = (await editor.ask(document, input={"id": id, **fields})).values()
        assert answer["errors"] == []
        return answer["article"]

    assert (await step(SUBMIT, version=1, note="please"))["status"] == "IN_REVIEW"
    await step(PUBLISH, version=2)
    assert (await step(UPDATE, version=3, headline="Later", keepAsDraft=True, note="evening"))["version"] == 4
    now = {"slug": slug, "time": "2100-01-01T00:00:00Z"}
    told, shown = (await editor.ask(PAST, **now))["article"], (await web.ask(PAST, **now))["article"]
    assert (told["headline"], told["version"], told["urgency"], told["internalNote"]) == (
        "A first story",
        4,
        2,
        "Quiet",
    )
    assert told["workingCopy"] == {"version": 4, "headline": "Later"}
    assert told["revisions"]["totalCount"] == 4
    assert told["revisions"]["nodes"][0] == {"version": 4, "note": "evening", "headline": "Later"}
    assert told["diff"] == []
    assert (shown["internalNote"], shown["workingCopy"], shown["revisions"]["totalCount"]) == (None, None, 0)
    assert (shown["asOf"]["version"], shown["asOf"]["note"], shown["asOf"]["headline"]) == (3, None, "A first story")
    assert "Quiet" not in str(shown)
    assert (await step(PUBLISH, version=4))["headline"] == "Later"
    assert (await step(CORRECT, version=5, correction="Not then.", headline="Now"))["headline"] == "Now"
    assert (await web.ask(PAST, **now))["article"]["corrections"] == [{"text": "Not then."}]
    assert (await step(RESTORE, version=6, revision=1))["headline"] == "A first story"
    assert (await step(WITHDRAW, version=7, note="By order of a court"))["status"] == "WITHDRAWN"
    assert (await web.ask(PAST, **now))["article"] is None
    refused = (await editor.ask(UPDATE, input={"id": id, "version": 8, "headline": "Again"}))["updateArticle"]
    assert (codes(refused), refused["article"]) == ([("BAD_STATE", None)], None)


async def test_a_draft_is_deleted_and_what_was_published_is_not(web: Web, editor: Web) -> None:
    story = await made(editor)
    scheduled = await editor.ask(DELETE, input={"id": story["id"], "version": 1, "at": "2100-01-01T00:00:00Z"})
    assert codes(scheduled["deleteArticle"]) == [("BAD_INPUT", ["at"])]
    gone = (await editor.ask(DELETE, input={"id": story["id"], "version": 1}))["deleteArticle"]
    assert gone == {"deletedId": story["id"], "errors": []}
    again = (await editor.ask(DELETE, input={"id": story["id"], "version": 1}))["deleteArticle"]
    assert (again["deletedId"], codes(again)) == (None, [("NOT_FOUND", ["id"])])
    live = f"article_{await house.live()}"
    refused = (await editor.ask(DELETE, input={"id": live, "version": 2}))["deleteArticle"]
    assert (refused["deletedId"], codes(refused)) == (None, [("BAD_STATE", None)])


async def test_a_publication_in_the_past_says_that_it_is_now(web: Web, editor: Web) -> None:
    story = await made(editor, summary="Short.")
    late = await editor.ask(PUBLISH, input={"id": story["id"], "version": 1, "at": "2020-01-01T00:00:00Z"})
    assert late["publishArticle"]["article"]["status"] == "PUBLISHED"
    assert late["publishArticle"]["warnings"] == [{"code": "BAD_INPUT", "field": ["at"]}]


async def test_a_story_goes_from_draft_to_readers_and_back(web: Web, editor: Web) -> None:
    photo = await house.photo(credit="STR/KCNA VIA KNS/AFP", caption="A launch.")
    other = await house.live(headline="Another", section=(await _slug(await house.section("Asia"))))
    body = [
        {"heading": {"text": "Why now"}},
        {"paragraph": {"html": "Something <em>happened</em>."}},
        {"quote": {"html": "We saw it.", "attribution": "A witness"}},
    ]
    story = await made(
        editor,
        body=body,
        tags=["Missiles"],
        leadPhoto={"photo": f"photo_{photo}"},
        related=[{"article": f"article_{other}"}, {"url": "https://example.org/x", "title": "Elsewhere"}],
    )
    assert (story["status"], story["version"], story["slug"]) == ("DRAFT", 1, "a-first-story")
    assert [one["__typename"] for one in story["body"]] == ["Heading", "Paragraph", "Quote"]
    assert story["leadPhoto"]["credit"] == "STR/KCNA VIA KNS/AFP"
    assert [(one["kind"], one["title"]) for one in story["related"]] == [
        ("RELATED", "Another"),
        ("EXTERNAL", "Elsewhere"),
    ]
    assert await web.ask(READ) == {"article": None}
    published = (await editor.ask(PUBLISH, input={"id": story["id"], "version": 1}))["publishArticle"]
    assert (published["article"]["status"], published["article"]["version"], published["errors"]) == (
        "PUBLISHED",
        2,
        [],
    )
    assert await web.ask(READ) == {"article": {"headline": "A first story"}}
    change = {"id": story["id"], "version": 2, "headline": "A first story, changed"}
    assert (await editor.ask(UPDATE, input=change))["updateArticle"]["errors"] == []
    assert await web.ask(READ) == {"article": {"headline": "A first story, changed"}}
    gone = (await editor.ask(UNPUBLISH, input={"id": story["id"], "version": 3}))["unpublishArticle"]
    assert gone["article"]["status"] == "UNPUBLISHED"
    assert await web.ask(READ) == {"article": None}


async def test_a_stale_version_is_a_conflict_that_says_what_stands_and_changes_nothing(editor: Web) -> None:
    story = await made(editor)
    change = {"id": story["id"], "version": 1, "headline": "Second"}
    assert (await editor.ask(UPDATE, input=change))["updateArticle"]["article"]["version"] == 2
    stale = {"id": story["id"], "version": 1}
    for document, field, more in (
        (UPDATE, "updateArticle", {"headline": "Third"}),
        (PUBLISH, "publishArticle", {}),
        (LEAD, "setLeadPhoto", {"photo": None}),
        (RELATED, "setRelatedLinks", {"links": []}),
    ):
        answer = (await editor.ask(document, input=stale | more))[field]
        assert answer["article"] is None
        assert codes(answer) == [("CONFLICT", ["version"])]
        assert (answer["errors"][0]["currentVersion"], answer["errors"][0]["currentBy"]) == (2, "Editor")
    stored = await Article.get()
    assert (stored.headline, stored.version) == ("Second", 2)
    assert await Revision.all().count() == 2


REFUSED: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"headline": ""}, "REQUIRED", ["headline"]),
    ({"headline": "x" * 301}, "TOO_LONG", ["headline"]),
    ({"headline": "a\u0000b"}, "BAD_INPUT", ["headline"]),
    ({"section": "nowhere"}, "NOT_FOUND", ["section"]),
    ({"slug": "Not A Slug"}, "BAD_INPUT", ["slug"]),
    ({"slug": "a-first-story"}, "SLUG_TAKEN", ["slug"]),
    ({"language": "klingonese!"}, "BAD_INPUT", ["language"]),
    ({"leadPhoto": {"photo": "photo_1"}}, "NOT_FOUND", ["leadPhoto", "photo"]),
    (
        {"leadPhoto": {"photo": "photo_00000000-0000-7000-8000-000000000000"}},
        "NOT_FOUND",
        ["leadPhoto", "photo"],
    ),
    ({"leadPhoto": {"photo": "article_00000000-0000-7000-8000-000000000000"}}, "NOT_FOUND", ["leadPhoto", "photo"]),
    ({"related": [{"article": "article_1"}]}, "NOT_FOUND", ["related", "0", "article"]),
    ({"related": [{"url": "https://example.org"}]}, "REQUIRED", ["related", "0", "title"]),
    ({"authors": ["nobody"]}, "NOT_FOUND", ["authors", "0"]),
    ({"body": [{"heading": {"text": "x", "level": 9}}]}, "BAD_INPUT", ["body", "0", "heading", "level"]),
    ({"expiresAt": "2001-01-01T00:00:00Z"}, "BAD_INPUT", ["expiresAt"]),
    ({"seo": {"canonicalUrl": "https://exa mple.org"}}, "BAD_INPUT", ["seo", "canonicalUrl"]),
]


@pytest.mark.parametrize(("fields", "code", "path"), REFUSED, ids=[f"{row[2]} {row[1]}" for row in REFUSED])
async def test_what_cannot_be_is_refused_at_its_path_and_nothing_is_made(
    editor: Web, fields: dict[str, Any], code: str, path: list[str]
) -> None:
    await made(editor)
    given = {"headline": "Second", "section": "world"} | fields
    response = await editor.post(CREATE, {"input": given})
    answer = response.json()
    if "errors" in answer:  # a scalar refused it before the action could
        assert answer["errors"][0]["extensions"]["code"] == code
    else:
        assert answer["data"]["createArticle"]["article"] is None
        assert codes(answer["data"]["createArticle"]) == [(code, path)]
    assert response.status_code == 200
    assert await Article.all().count() == 1


async def test_all_that_is_wrong_with_a_form_is_said_at_once(editor: Web) -> None:
    answer = (await editor.ask(CREATE, input={"headline": "", "section": "world", "slug": "A B"}))["createArticle"]
    assert codes(answer) == [("REQUIRED", ["headline"]), ("BAD_INPUT", ["slug"])]


async def test_who_may_not_is_told_so_and_changes_nothing(web: Web, reader: Web, editor: Web) -> None:
    story = await made(editor)
    photo_editor = await signed_in(web, "PHOTO_EDITOR")
    documents: list[tuple[str, dict[str, Any]]] = [
        (CREATE, {"headline": "x", "section": "world"}),
        (UPDATE, {"id": story["id"], "version": 1, "headline": "x"}),
        (PUBLISH, {"id": story["id"], "version": 1}),
        (UNPUBLISH, {"id": story["id"], "version": 1}),
        (LEAD, {"id": story["id"], "version": 1, "photo": None}),
        (RELATED, {"id": story["id"], "version": 1, "links": []}),
        (SECTION, {"name": "New"}),
        (TAG, {"name": "New"}),
        (AUTHOR, {"name": "New"}),
    ]
    for document, given in documents:
        assert (await web.refused(document, input=given))["code"] == "UNAUTHENTICATED"
        for who in (reader, photo_editor):
            assert (await who.refused(document, input=given))["code"] == "FORBIDDEN"
    assert (await Article.get()).version == 1
    assert await Section.all().count() == 1


async def test_a_contributor_writes_drafts_of_their_own_and_publishes_nothing(web: Web, editor: Web) -> None:
    theirs = await made(editor)
    contributor = await signed_in(web, "CONTRIBUTOR")
    mine = (await contributor.ask(CREATE, input={"headline": "Mine", "section": "world"}))["createArticle"]["article"]
    change = {"id": mine["id"], "version": 1, "headline": "Mine, changed"}
    assert (await contributor.ask(UPDATE, input=change))["updateArticle"]["errors"] == []
    assert (await contributor.refused(PUBLISH, input={"id": mine["id"], "version": 2}))["code"] == "FORBIDDEN"
    # another's draft does not exist for them
    hidden = (await contributor.ask(UPDATE, input={"id": theirs["id"], "version": 1, "headline": "x"}))["updateArticle"]
    assert codes(hidden) == [("NOT_FOUND", ["id"])]


async def test_sections_tags_and_authors_are_made_and_changed(editor: Web) -> None:
    top = (await editor.ask(SECTION, input={"name": "World"}))["saveSection"]["section"]
    below = (await editor.ask(SECTION, input={"name": "Asia", "parent": top["id"]}))["saveSection"]["section"]
    assert (below["slug"], below["parent"]) == ("asia", {"slug": "world"})
    stale = (await editor.ask(SECTION, input={"id": below["id"], "version": 9, "name": "x"}))["saveSection"]
    assert codes(stale) == [("CONFLICT", ["version"])]
    assert stale["errors"][0]["currentVersion"] == 1
    taken = (await editor.ask(SECTION, input={"name": "Other", "slug": "asia"}))["saveSection"]
    assert codes(taken) == [("SLUG_TAKEN", ["slug"])]
    tag = (await editor.ask(TAG, input={"name": "Land mines"}))["saveTag"]["tag"]
    assert (tag["slug"], tag["version"]) == ("land-mines", 1)
    renamed = (await editor.ask(TAG, input={"id": tag["id"], "version": 1, "name": "Landmines"}))["saveTag"]["tag"]
    assert (renamed["name"], renamed["version"]) == ("Landmines", 2)
    author = (await editor.ask(AUTHOR, input={"name": "Ann Aa", "links": ["https://example.org/a"]}))["saveAuthor"]
    assert (author["author"]["slug"], author["author"]["links"]) == ("ann-aa", ["https://example.org/a"])


async def test_an_empty_selection_of_changes_changes_nothing(editor: Web) -> None:
    story = await made(editor)
    answer = (await editor.ask(UPDATE, input={"id": story["id"], "version": 1}))["updateArticle"]
    assert (answer["errors"], answer["article"]["version"]) == ([], 1)


async def _slug(section: Any) -> str:
    return (await Section.get(id=section)).slug


async def test_tags_are_merged_over_graphql(web: Web, editor: Web) -> None:
    merge = (
        "mutation($input: MergeTagsInput!) { mergeTags(input: $input) { tag { slug version } errors { code field } } }"
    )
    one, two = [f"tag_{await house.tag(name)}" for name in ("One", "Two")]
    done = (await editor.ask(merge, input={"from": [one], "into": two}))["mergeTags"]
    assert done == {"tag": {"slug": "two", "version": 2}, "errors": []}
    assert (await web.ask('{ tag(slug: "one") { slug } }'))["tag"] == {"slug": "two"}
    itself = (await editor.ask(merge, input={"from": [two], "into": two}))["mergeTags"]
    assert (itself["tag"], codes(itself)) == (None, [("BAD_INPUT", ["from", "0"])])
    gone = (await editor.ask(merge, input={"from": [one, "article_1"], "into": two}))["mergeTags"]
    assert codes(gone) == [("NOT_FOUND", ["from", "1"])]
    assert (await web.refused(merge, input={"from": [one], "into": two}))["code"] == "UNAUTHENTICATED"


async def test_a_translation_is_made_over_graphql(web: Web, editor: Web) -> None:
    story = await made(editor)
    german = await editor.ask(
        "mutation($input: CreateArticleInput!) { createArticle(input: $input) { article { translations { slug } } errors { code field } } }",
        input={"headline": "Erste", "section": "world", "language": "de", "translationOf": story["id"]},
    )
    assert german["createArticle"] == {"article": {"translations": [{"slug": "a-first-story"}]}, "errors": []}
    twice = {"headline": "Zweite", "section": "world", "language": "de", "translationOf": story["id"]}
    assert codes((await editor.ask(CREATE, input=twice))["createArticle"]) == [("BAD_INPUT", ["language"])]
    nothing = twice | {"language": "fr", "translationOf": "article_1"}
    assert codes((await editor.ask(CREATE, input=nothing))["createArticle"]) == [("NOT_FOUND", ["translationOf"])]
