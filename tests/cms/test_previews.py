"""Preview links: what they show, to whom, for how long, and that nothing else leads to what they show."""

import hashlib
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from lxml import html as markup

from cms.actions import accounts, articles, previews, publishing
from cms.actor import ANONYMOUS, SYSTEM, Role
from cms.errors import BadInput, BadState, Forbidden, NotFound, Unauthenticated
from cms.models import Article, ArticlePhoto, AuditEntry, Change, Job, Listing, Photo, PreviewLink
from tests import house
from tests.web import Web, serving

SHOWN = """query($token: String!) { preview(token: $token) {
  id slug url version status headline publishedAt bodyText internalNote leadPhoto { credit } photos { caption }
  body { ... on PhotoBlock { photo { caption } } } related { title } linkedFrom { totalCount }
  tags { slug } authors { name } seo { canonicalUrl } } }"""


@pytest.fixture
async def web(database: str, tmp_path: Path) -> AsyncIterator[Web]:
    async with serving(database, f"file:{tmp_path}/media") as web:
        await house.section("World")
        yield web


async def seen(web: Web, token: str) -> Any:
    return (await web.ask(SHOWN, token=token))["preview"]


async def key(web: Web, role: Role) -> Web:
    """As a new person of this role."""
    made = await accounts.create_key(SYSTEM, role, user=(await house.staff(role)).user_id)
    return web.as_(made.secret)


async def copies() -> list[Article]:
    return await Article.filter(copy_of_id__isnull=False)


# ------------------------------------------------------------------------------------------------------ what it shows


async def test_a_link_shows_a_story_that_was_never_published_to_anyone(web: Web) -> None:
    await house.author("Jane Doe")
    photo = await house.photo(credit="Jane/Wire", caption="The pier.")
    body = [*house.paragraphs("It rains."), {"photo": {"photo": photo, "caption": "Here."}}]
    story = await house.article(
        headline="Rain", body=body, lead_photo={"photo": photo}, tags=["Weather"], authors=["jane-doe"]
    )
    link = await previews.create(SYSTEM, story)
    assert await seen(web, link.token) == {
        "id": f"article_{story}",
        "slug": "rain",
        "url": "http://desk.test/world/rain",
        "version": 1,
        "status": "DRAFT",
        "headline": "Rain",
        "publishedAt": None,
        "bodyText": "It rains.",
        "internalNote": None,
        "leadPhoto": {"credit": "Jane/Wire"},
        "photos": [{"caption": "The pier."}, {"caption": "Here."}],
        "body": [{}, {"photo": {"caption": "Here."}}],
        "related": [],
        "linkedFrom": {"totalCount": 0},
        "tags": [],  # nobody knows of this one yet
        "authors": [{"name": "Jane Doe"}],
        "seo": {"canonicalUrl": "http://desk.test/world/rain"},
    }
    assert (await web.ask('{ article(slug: "rain") { id } }'))["article"] is None


async def test_it_goes_on_showing_the_version_that_it_was_made_of(web: Web) -> None:
    photo = await house.photo()
    story = await house.article(headline="Before", lead_photo={"photo": photo})
    link = await previews.create(SYSTEM, story)
    await articles.update(SYSTEM, story, 1, {"headline": "After", "slug": "after", "lead_photo": None})
    found = await seen(web, link.token)
    assert (found["version"], found["headline"], found["slug"]) == (1, "Before", "after")
    assert found["leadPhoto"] is not None
    newer = await seen(web, (await previews.create(SYSTEM, story)).token)
    assert (newer["version"], newer["headline"], newer["leadPhoto"]) == (2, "After", None)


async def test_of_a_live_story_it_shows_the_working_copy_and_readers_do_not(web: Web) -> None:
    story = await house.live(headline="As it was")
    await articles.update(SYSTEM, story, 2, {"headline": "As it will be"}, keep_as_draft=True)
    found = await seen(web, (await previews.create(SYSTEM, story)).token)
    assert (found["version"], found["headline"], found["status"]) == (3, "As it will be", "PUBLISHED")
    assert found["publishedAt"] is not None
    assert (await web.ask('{ article(slug: "as-it-was") { headline } }'))["article"] == {"headline": "As it was"}


async def test_what_it_leads_to_is_as_hidden_as_ever(web: Web) -> None:
    shown, hidden = await house.photo(caption="Shown."), await house.photo(caption="Hidden.")
    draft, live = await house.article(headline="Draft"), await house.live(headline="Live")
    story = await house.article(
        lead_photo={"photo": hidden},
        gallery=[{"photo": shown}],
        related=[{"article": draft}, {"article": live}],
        internal_note="For the desk alone.",
    )
    token = (await previews.create(SYSTEM, story)).token
    await Photo.filter(id=hidden).update(status="WITHDRAWN")
    found = await seen(web, token)
    assert (found["photos"], found["leadPhoto"]) == ([{"caption": "Shown."}], None)
    assert found["related"] == [{"title": "Live"}]
    found = await seen(await key(web, "EDITOR"), token)
    assert [one["title"] for one in found["related"]] == ["Draft", "Live"]
    assert found["internalNote"] is None


async def test_a_withdrawn_photo_does_not_stand_in_the_way_of_a_preview(web: Web) -> None:
    photo = await house.photo()
    story = await house.article(lead_photo={"photo": photo})
    await Photo.filter(id=photo).update(status="WITHDRAWN")
    assert (await seen(web, (await previews.create(SYSTEM, story)).token))["leadPhoto"] is None


async def test_the_past_of_its_story_is_told_to_whoever_sees_the_story(web: Web) -> None:
    writer = await house.staff("CONTRIBUTOR")
    story = await house.article(writer, headline="Before")
    await publishing.publish(SYSTEM, story, 1)
    await articles.update(SYSTEM, story, 2, {"headline": "After"})
    await articles.update(SYSTEM, story, 3, {"headline": "Kept back"}, keep_as_draft=True)
    token = (await previews.create(SYSTEM, story)).token
    document = """query($token: String!) { preview(token: $token) {
      asOf(time: "2100-01-01T00:00:00Z") { headline } revisions(first: 9) { nodes { version } }
      workingCopy { headline } diff(from: 2, to: 3) { field } } }"""

    async def told(who: Web) -> tuple[Any, list[int], Any, list[str]]:
        found = (await who.ask(document, token=token))["preview"]
        versions = [one["version"] for one in found["revisions"]["nodes"]]
        return found["asOf"], versions, found["workingCopy"], [one["field"] for one in found["diff"]]

    own = web.as_((await accounts.create_key(SYSTEM, "own", user=writer.user_id)).secret)
    everything = ({"headline": "After"}, [4, 3, 2, 1], {"headline": "Kept back"}, ["headline"])
    assert [await told(one) for one in (await key(web, "EDITOR"), own)] == [everything] * 2
    assert [await told(one) for one in (web, await key(web, "CONTRIBUTOR"))] == [
        ({"headline": "After"}, [], None, [])
    ] * 2
    await publishing.unpublish(SYSTEM, story, 4)
    assert await told(web) == (None, [], None, [])  # what was seen once is not to be had by a link


# ------------------------------------------------------------------------------------------------------ for how long


async def test_it_lasts_seven_days_unless_told_otherwise_and_thirty_at_most(web: Web) -> None:
    story = await house.article()
    assert house.hours(7 * 24 - 0.1) < (await previews.create(SYSTEM, story)).expires_at < house.hours(7 * 24 + 0.1)
    at = house.hours(30 * 24 - 1)
    assert (await previews.create(SYSTEM, story, expires_at=at)).expires_at == at
    before = await house.everything()
    for wrong in (house.hours(-1), house.hours(30 * 24 + 1)):
        with pytest.raises(BadInput) as refused:
            await previews.create(SYSTEM, story, expires_at=wrong)
        assert refused.value.field == ("expires_at",)
    assert await house.everything() == before


async def test_it_ends_at_its_hour_or_when_it_is_revoked_or_the_story_is_withdrawn_or_deleted(web: Web) -> None:
    expired, revoked, withdrawn = await house.article(), await house.article(), await house.live()
    deleted, stays = await house.article(), await house.article()
    tokens = [
        (await previews.create(SYSTEM, one)).token for one in (expired, revoked, revoked, withdrawn, deleted, stays)
    ]
    assert all([await seen(web, one) for one in tokens])
    await PreviewLink.filter(article__copy_of_id=expired).update(expires_at=house.hours(-1))
    assert await previews.revoke(SYSTEM, revoked) == 2
    assert await previews.revoke(SYSTEM, revoked) == 0
    await publishing.withdraw(SYSTEM, withdrawn, 2)
    await articles.delete(SYSTEM, deleted, 1)
    assert [bool(await seen(web, one)) for one in tokens] == [False] * 5 + [True]
    assert await seen(web, tokens[-1] + "x") is None
    assert await seen(web, "") is None
    assert len(await copies()) == 5
    await previews.tidy()
    assert [one.copy_of_id for one in await copies()] == [stays]
    assert await seen(web, tokens[-1]) is not None
    assert await ArticlePhoto.all().count() == 0


async def test_an_answer_is_not_kept_and_not_shared(web: Web) -> None:
    story = await house.article()
    token = (await previews.create(SYSTEM, story)).token
    for _ in range(2):
        asked = {"query": "query($t: String!) { preview(token: $t) { id } }", "variables": json.dumps({"t": token})}
        answer = await web.client.get("/graphql", params=asked)
        assert answer.json() == {"data": {"preview": {"id": f"article_{story}"}}}
        assert answer.headers["cache-control"] == "no-store"
        assert not {"etag", "cdn-cache-control", "surrogate-key"} & answer.headers.keys()
    await PreviewLink.all().update(expires_at=house.hours(-1))
    assert (await web.client.get("/graphql", params=asked)).json() == {"data": {"preview": None}}
    assert await seen(web, token) is None


# ---------------------------------------------------------------------------------------------------- what stays as it is


async def test_the_token_is_kept_as_a_hash_and_the_story_is_as_before(web: Web) -> None:
    photo = await house.photo()
    story = await house.live(tags=["Rice"], lead_photo={"photo": photo})
    before = {model: await model.all().count() for model in (Listing, Change, Job)}
    row = await Article.filter(id=story).values()
    editor = await house.staff("EDITOR")
    link = await previews.create(editor, story)
    assert link.token.startswith("dlp_")
    assert len(link.token) == 4 + 43  # 256 bits in base64
    stored = await PreviewLink.get(article__copy_of_id=story)
    assert stored.token_hash == hashlib.sha256(link.token.encode()).hexdigest()
    assert link.token not in str(await house.everything())
    assert {model: await model.all().count() for model in (Listing, Change, Job)} == before
    assert await Article.filter(id=story).values() == row
    assert await AuditEntry.filter(subject_id=story, action="article.preview").values_list("by") == [(editor.name,)]


async def test_the_copy_is_in_no_list_and_nothing_else_leads_to_it(web: Web) -> None:
    target, photo = await house.live(), await house.photo()
    story = await house.live(tags=["Rice"], lead_photo={"photo": photo}, related=[{"article": target}], summary=None)
    document = """query($copy: ID!, $slug: String!, $photo: ID!, $target: ID!) {
      node(id: $copy) { id } nodes(ids: [$copy]) { id } article(slug: $slug) { id }
      articles { totalCount nodes { id } } found: articles(filter: {ids: [$copy]}) { totalCount }
      failing: articles(filter: {hasFailingChecks: false}) { totalCount }
      drafts: articles(filter: {status: [DRAFT]}) { totalCount } of: articles(filter: {photo: $photo}) { totalCount }
      photo(id: $photo) { usedIn { totalCount nodes { id } } } tag(slug: "rice") { articles { totalCount } }
      section(slug: "world") { articles { totalCount } flat: articles(deep: false) { totalCount } }
      target: node(id: $target) { ... on Article { linkedFrom { totalCount } } } }"""
    askers = [
        web,
        await key(web, "READER"),
        await key(web, "CONTRIBUTOR"),
        await key(web, "EDITOR"),
        await key(web, "ADMIN"),
    ]

    async def asked(copy: UUID, slug: str) -> list[Any]:
        given = {"copy": f"article_{copy}", "slug": slug, "photo": f"photo_{photo}", "target": f"article_{target}"}
        return [await one.ask(document, **given) for one in askers]

    before = await asked(uuid4(), "nowhere")
    for one in before:
        assert one["articles"]["totalCount"] == 2
        assert one["photo"]["usedIn"]["totalCount"] == one["target"]["linkedFrom"]["totalCount"] == 1
    await previews.create(SYSTEM, story)
    [copy] = await copies()
    assert await asked(copy.id, copy.slug) == before
    feed = await web.get("/feeds/latest.json")
    assert [one["id"].count(str(copy.id)) for one in feed.json()["items"]] == [0, 0]
    for verb in (articles.update(SYSTEM, copy.id, 2, {"headline": "x"}), publishing.publish(SYSTEM, copy.id, 2)):
        with pytest.raises(NotFound):
            await verb
    with pytest.raises(NotFound):
        await previews.create(SYSTEM, copy.id)


# --------------------------------------------------------------------------------------------------------- who may make it


async def test_who_may_not_change_the_story_makes_no_link_and_ends_none(web: Web) -> None:
    sport, writer = await house.section("Sport"), await house.staff("CONTRIBUTOR")
    draft, live = await house.article(writer), await house.article(writer)
    await publishing.publish(SYSTEM, live, 1)
    token = (await previews.create(writer, draft)).token
    before = await house.everything()
    for actor, story, refusal in (
        (ANONYMOUS, draft, Unauthenticated),
        (await house.staff("READER"), draft, Forbidden),
        (await house.staff("CONTRIBUTOR"), draft, NotFound),
        (writer, live, Forbidden),
        (await house.staff("PHOTO_EDITOR"), draft, Forbidden),
        (await house.staff("EDITOR", sport), draft, Forbidden),
        (SYSTEM, uuid4(), NotFound),
    ):
        with pytest.raises(refusal):
            await previews.create(actor, story)
        with pytest.raises(refusal):
            await previews.revoke(actor, story)
    unchanged = await house.everything()
    for name in ("User", "UserSection"):
        before.pop(name), unchanged.pop(name)
    assert unchanged == before
    assert await seen(web, token) is not None


async def test_a_withdrawn_story_has_no_preview(web: Web) -> None:
    story = await house.live()
    await publishing.withdraw(SYSTEM, story, 2)
    with pytest.raises(BadState):
        await previews.create(SYSTEM, story)
    assert await copies() == []


async def test_links_are_made_and_ended_over_graphql(web: Web) -> None:
    story = f"article_{await house.article()}"
    editor = await key(web, "EDITOR")
    make = """mutation($input: PreviewLinkInput!) { createPreviewLink(input: $input) {
      token url expiresAt errors { code field } } }"""
    until = house.hours(2)
    made = (await editor.ask(make, input={"id": story, "expiresAt": until.isoformat()}))["createPreviewLink"]
    assert made["url"] == f"http://desk.test/preview/{made['token']}"
    assert made["expiresAt"] == until.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (await seen(web, made["token"]))["id"] == story
    assert (await editor.ask(make, input={"id": story, "expiresAt": "2001-01-01T00:00:00Z"}))["createPreviewLink"] == {
        "token": None,
        "url": None,
        "expiresAt": None,
        "errors": [{"code": "BAD_INPUT", "field": ["expiresAt"]}],
    }
    assert (await web.refused(make, input={"id": story}))["code"] == "UNAUTHENTICATED"
    end = "mutation($input: RevokePreviewLinksInput!) { revokePreviewLinks(input: $input) { revoked errors { code } } }"
    assert (await editor.ask(end, input={"id": story}))["revokePreviewLinks"] == {"revoked": 1, "errors": []}
    assert await seen(web, made["token"]) is None


# ------------------------------------------------------------------------------------------------------------- the page


async def test_the_page_says_that_it_is_a_preview_and_nobody_keeps_it(web: Web) -> None:
    story = await house.live(headline="As it was")
    await articles.update(SYSTEM, story, 2, {"headline": "As it will be"}, keep_as_draft=True)
    token = (await previews.create(SYSTEM, story)).token
    response = await web.get(f"/preview/{token}")
    assert response.status_code == 200
    page = markup.document_fromstring(response.text)
    assert page.xpath("string(//h1)") == "As it will be"
    notice = page.xpath("string(//p[@class='notice'])")
    assert notice == "Preview, version 3: this is not what readers see."
    assert page.xpath("string(//meta[@name='robots']/@content)") == "noindex"
    await previews.revoke(SYSTEM, story)
    gone = await web.get(f"/preview/{token}")
    assert gone.status_code == 404
    assert "As it will be" not in gone.text
    for one in (response, gone):
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["x-robots-tag"] == "noindex"
        assert "default-src 'none'" in one.headers["content-security-policy"]
        assert not {"etag", "last-modified", "surrogate-key"} & one.headers.keys()
        assert token not in one.text


async def test_no_log_holds_a_token(
    web: Web, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the client's own
    story = await house.article()
    token = (await previews.create(SYSTEM, story)).token
    assert (await web.get(f"/preview/{token}")).status_code == 200
    assert (await web.get(f"/preview/{token}/")).status_code == 404
    assert (await seen(web, token))["id"] == f"article_{story}"
    told = caplog.text + "".join(str(vars(one)) for one in caplog.records) + "".join(capsys.readouterr())
    assert "/preview/…" in told
    assert token not in told
