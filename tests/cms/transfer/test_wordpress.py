"""WordPress's export: what becomes of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from cms import body
from cms.models import Article, ArticlePhoto, Author, Photo, Section, Tag
from cms.transfer.bring import Report
from tests.cms.transfer.conftest import Import
from tests.cms.transfer.exports import attachment, meta, post, term, wxr
from tests.web import Web

SAMPLES = Path(__file__).parents[4] / "shared/standards/wxr"

STORY = """query($slug: String!) { article(slug: $slug) { headline language publishedAt summary url
  section { slug parent { slug } } authors { name } tags { name } seo { title description }
  leadPhoto { caption credit altText }
  body { __typename ... on Paragraph { html } ... on PhotoBlock { photo { caption credit } }
         ... on GalleryBlock { photos { credit } } ... on Embed { url } ... on Heading { text } } } }"""


def losses(report: Report) -> dict[str, int]:
    return {what: count for what, count in report.losses.items() if count}


async def html(slug: str) -> str:
    story = await Article.get(slug=slug)
    return body.to_html(story.body, {})


async def test_a_post_comes_with_all_that_belongs_to_it(web: Web, bring_in: Import) -> None:
    head = (
        "<wp:author><wp:author_login>jane</wp:author_login><wp:author_display_name>Jane Doe</wp:author_display_name></wp:author>"
        "<wp:category><wp:category_nicename>asia</wp:category_nicename><wp:category_parent>abroad</wp:category_parent>"
        "<wp:cat_name>Asia</wp:cat_name></wp:category>"
        "<wp:category><wp:category_nicename>abroad</wp:category_nicename><wp:cat_name>Abroad &amp; beyond</wp:cat_name></wp:category>"
    )
    given = [
        term("category", "asia", "Asia"),
        term("category", "abroad", "Abroad &amp; beyond"),
        term("post_tag", "ferries", "Ferries"),
        "<excerpt:encoded>In &lt;b&gt;short&lt;/b&gt;.</excerpt:encoded>",
        meta("_thumbnail_id", "7"),
        meta("_yoast_wpseo_title", "For engines"),
        meta("mood", "calm"),
    ]
    content = "<!-- wp:heading --><h2>Then</h2><!-- /wp:heading --><!-- wp:paragraph --><p>It <i>sailed</i>.</p><!-- /wp:paragraph -->"
    pictures = [
        attachment(7, "one.jpg", meta("_wp_attachment_image_alt", "A ferry"), caption="The ferry. (Jane Doe/AFP)")
    ]
    report = await bring_in("wordpress", wxr(post(1, content, *given), *pictures, head=head))
    assert report.refused == []
    assert (report.made, report.redirects) == ({"story": 1, "section": 2, "author": 1, "photo": 1}, 1)
    story = (await web.ask(STORY, slug="post-1"))["article"]
    assert story == {
        "headline": "Post 1",
        "language": "en-GB",
        "publishedAt": "2020-01-02T03:04:05Z",
        "summary": "In short.",
        "url": "http://desk.test/abroad/asia/post-1",
        "section": {"slug": "asia", "parent": {"slug": "abroad"}},
        "authors": [{"name": "Jane Doe"}],
        "tags": [{"name": "Ferries"}, {"name": "Abroad & beyond"}],
        "seo": {"title": "For engines", "description": "In short."},
        "leadPhoto": {"caption": "The ferry. (Jane Doe/AFP)", "credit": "Jane Doe/AFP", "altText": "A ferry"},
        "body": [{"__typename": "Heading", "text": "Then"}, {"__typename": "Paragraph", "html": "It <em>sailed</em>."}],
    }
    assert (await Article.get(slug="post-1")).internal_note == "mood: calm"


async def test_classic_text_is_parted_where_it_has_empty_lines(bring_in: Import) -> None:
    await bring_in("wordpress", wxr(post(1, "One\nline.\n\n<strong>Two</strong> &amp; more\n\n<h3>Three</h3>\nFour.")))
    assert await html("post-1") == (
        '<p>One<br>line.</p>\n<p><strong>Two</strong> &amp; more</p>\n<h3 id="three">Three</h3>\n<p>Four.</p>'
    )


async def test_pictures_stand_where_they_stood_with_caption_and_credit(web: Web, bring_in: Import) -> None:
    """Also by their smaller copies, in galleries and in shortcodes."""
    content = (
        "Before.\n\n"
        '[caption id="attachment_7" width="300"]<a href="x"><img class="wp-image-7" src="https://old.test/blog/wp-content/uploads/2020/01/one-300x200.jpg"></a> '
        'Seen here. (Kim Example/Reuters)[/caption]\n\nBetween [sic].\n\n[gallery ids="7,8,99"]\n\n'
        'https://www.youtube.com/watch?v=abc\n\n[contact-form-7 id="5" title="Write"]After.'
    )
    pictures = [
        attachment(7, "one.jpg", meta("credit", "Jane Doe/AFP")),
        attachment(8, "two.jpg", meta("_media_credit", "Kim/AP")),
    ]
    report = await bring_in("wordpress", wxr(post(1, content), *pictures))
    assert (report.refused, report.drafts) == ([], [])
    story = (await web.ask(STORY, slug="post-1"))["article"]
    assert story["body"] == [
        {"__typename": "Paragraph", "html": "Before."},
        {
            "__typename": "PhotoBlock",
            "photo": {"caption": "Seen here. (Kim Example/Reuters)", "credit": "Jane Doe/AFP"},
        },
        {"__typename": "Paragraph", "html": "Between [sic]."},
        {"__typename": "GalleryBlock", "photos": [{"credit": "Jane Doe/AFP"}, {"credit": "Kim/AP"}]},
        {"__typename": "Embed", "url": "https://www.youtube.com/watch?v=abc"},
        {"__typename": "Paragraph", "html": "After."},
    ]
    assert losses(report) == {"pictures of galleries that the file does not hold": 1, "shortcodes": 1}


async def test_only_what_was_public_is_public(web: Web, bring_in: Import) -> None:
    posts = [
        post(1, status="draft"),
        post(2, status="private"),
        post(3, post_password="secret"),
        post(4, status="pending"),
        post(5, status="trash"),
        post(6, status="publish", post_date_gmt="0000-00-00 00:00:00"),
        post(7, status="future", post_date_gmt="2090-01-01 00:00:00"),
        post(8, "Menu", kind="nav_menu_item"),
        post(9, "About", kind="page"),
        post(10),
    ]
    report = await bring_in("wordpress", wxr(*posts))
    out = {story.slug: story.live_from.year for story in await Article.all().order_by("slug")}
    draft = 9999
    assert out == {
        "post-1": draft, "post-10": 2020, "post-2": draft, "post-3": draft, "post-4": draft, "post-6": draft, "post-7": 2090,
    }  # fmt: skip
    assert losses(report) == {
        "private posts, kept as drafts": 1,
        "posts behind a password, kept as drafts": 1,
        "posts in the trash": 1,
        "published posts without a date that can be read, kept as drafts": 1,
        "menu entries": 1,
        "pages": 1,
    }
    seen = await web.ask("{ articles(first: 10) { nodes { slug } } }")
    assert seen["articles"]["nodes"] == [{"slug": "post-10"}]


async def test_a_picture_without_a_credit_is_refused_by_name_and_the_story_comes_without_it(bring_in: Import) -> None:
    export = wxr(post(1, "Text.", meta("_thumbnail_id", "7")), attachment(7, "one.jpg"), attachment(8, "gone.jpg"))
    report = await bring_in("wordpress", export)
    first, second = report.refused
    assert first[0].endswith("/one.jpg")
    assert first[1].startswith("This photo has no credit")
    assert second[0].endswith("/gone.jpg")
    assert await Photo.all().count() == 0
    assert await ArticlePhoto.all().count() == 0
    assert (await Article.get(slug="post-1")).live_from == datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    again = await bring_in("wordpress", export, credit="The Courier")
    assert (again.changed["story"], again.made["photo"]) == (1, 1)  # now that it can be had, it is put into its story
    assert [photo.credit for photo in await Photo.all()] == ["The Courier"]
    assert await ArticlePhoto.all().count() == 1


async def test_old_addresses_lead_to_the_story(web: Web, bring_in: Import) -> None:
    guid = '<guid isPermaLink="false">https://old.test/blog/?p=1</guid>'
    await bring_in("wordpress", wxr(post(1, "Text.", guid, meta("_wp_old_slug", "first-name"))))
    for old in (
        "/blog/2020/01/post-1/",
        "/blog/2020/01/post-1",
        "/blog/2020/01/first-name",
        "/blog/2020/01/post-1/?utm=1",
    ):
        response = await web.get(old)
        assert response.status_code == 301, old
        assert response.headers["location"].partition("?")[0] == "http://desk.test/imported/post-1"
    for old in ("/blog/?p=1", "/blog?p=1"):
        assert (await web.get(old)).headers["location"] == "http://desk.test/imported/post-1?p=1"
    assert (await web.get("/blog?p=2")).status_code == 404


async def test_what_names_have_no_letters_for_is_told(bring_in: Import) -> None:
    report = await bring_in(
        "wordpress", wxr(post(1, "Text.", term("post_tag", "x", "!!!"), term("category", "日本", "日本")))
    )
    assert report.refused == []
    assert await Tag.all().count() == 0
    assert {section.name: section.slug for section in await Section.all()}["日本"] == "riben"
    assert [author.name for author in await Author.all()] == ["jane"]


@pytest.mark.parametrize(
    ("name", "stories", "sections", "named"),
    [
        ("small-export.xml", 6, 30, {"comments": 1, "pages": 5, "private posts, kept as drafts": 1}),
        ("wxr-simple.xml", 1, 1, {"fields of plugins": 2}),
        ("valid-wxr-1.1.xml", 1, 1, {"comments": 1, "pages": 1, "terms of post_tax": 1}),
        ("term-formats.xml", 0, 2, {"tags that no post carries": 3, "terms of custom-taxonomy": 1}),
        ("theme-unit-test-data.xml", 58, 69, {"comments": 33, "pages": 21, "menu entries": 70, "posts behind a password, kept as drafts": 1}),
    ],
)  # fmt: skip
async def test_the_samples_come_in_with_each_loss_named(
    bring_in: Import, name: str, stories: int, sections: int, named: dict[str, int]
) -> None:
    if not SAMPLES.exists():
        pytest.skip(f"{SAMPLES} is not here")
    report = await bring_in("wordpress", SAMPLES / name, dry_run=True)
    assert (report.made["story"], report.made["section"], report.refused) == (stories, sections, [])
    assert named.items() <= losses(report).items()
    assert await Article.all().count() == 0


async def test_scripts_styles_and_frames_do_not_come_in(bring_in: Import) -> None:
    content = '<p onclick="x()">Text<script>alert(1)</script> <a href="javascript:x()">here</a></p><style>p{}</style><iframe src="https://evil.test/x"></iframe>'
    await bring_in("wordpress", wxr(post(1, content)))
    assert await html("post-1") == '<p>Text <a rel="noopener">here</a></p>'
