"""Exports as other systems write them, as small as a test needs."""

import json
from typing import Any
from xml.sax.saxutils import escape


def wxr(*items: str, head: str = "") -> str:
    spaces = (
        'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/"'
    )
    about = "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.test/blog</wp:base_blog_url>"
    return (
        f'<rss version="2.0" {spaces}><channel><language>en-GB</language>{about}{head}{"".join(items)}</channel></rss>'
    )


def post(id: int, content: str = "What happened.", *more: str, kind: str = "post", **given: str) -> str:
    """`given` are the elements of the name space `wp`; `more` are whole elements."""
    wp = {
        "post_id": str(id),
        "post_type": kind,
        "status": "publish",
        "post_name": f"post-{id}",
        "post_date_gmt": "2020-01-02 03:04:05",
        **given,
    }
    elements = "".join(f"<wp:{name}>{escape(value)}</wp:{name}>" for name, value in wp.items())
    return (
        f"<item><title>Post {id}</title><link>https://old.test/blog/2020/01/post-{id}/</link><dc:creator>jane</dc:creator>"
        f"<content:encoded>{escape(content)}</content:encoded>{elements}{''.join(more)}</item>"
    )


def attachment(id: int, file: str, *more: str, caption: str = "", parent: int = 0) -> str:
    url = f"https://old.test/blog/wp-content/uploads/2020/01/{file}"
    said = f"<excerpt:encoded>{escape(caption)}</excerpt:encoded>"
    return post(id, "", said, *more, kind="attachment", status="inherit", attachment_url=url, post_parent=str(parent))


def meta(key: str, value: str) -> str:
    pair = f"<wp:meta_key>{key}</wp:meta_key><wp:meta_value>{escape(value)}</wp:meta_value>"
    return f"<wp:postmeta>{pair}</wp:postmeta>"


def term(domain: str, slug: str, name: str) -> str:
    return f'<category domain="{domain}" nicename="{slug}">{escape(name)}</category>'


def rss(*items: str) -> str:
    spaces = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"'
    head = "<title>Wire</title><link>https://wire.test/</link><description>Wire</description>"
    return f'<rss version="2.0" {spaces}><channel>{head}{"".join(items)}</channel></rss>'


def entry(
    id: str, html: str = "<p>What happened.</p>", more: str = "", date: str = "Thu, 02 Jan 2020 03:04:05 GMT"
) -> str:
    said = f"<title>Story {id}</title><guid isPermaLink='false'>{id}</guid><link>https://wire.test/{id}</link>"
    return f"<item>{said}<pubDate>{date}</pubDate><content:encoded>{escape(html)}</content:encoded>{more}</item>"


def ninjs(uri: str = "urn:wire:1", **given: Any) -> dict[str, Any]:
    return {
        "uri": uri,
        "type": "text",
        "firstcreated": "2020-01-02T03:04:05Z",
        "headlines": [{"role": "main", "value": f"Story {uri}"}],
        "bodies": [{"contenttype": "text/html", "value": "<p>What happened.</p>"}],
        **given,
    }


def picture(name: str, href: str, **given: Any) -> dict[str, Any]:
    renditions = [{"name": "main", "href": href, "width": 320, "height": 200}]
    return {"uri": f"urn:wire:{name}", "name": name, "type": "picture", "renditions": renditions, **given}


def text(value: Any) -> str:
    return json.dumps(value)
