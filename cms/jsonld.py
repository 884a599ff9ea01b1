"""A story as linked data: schema.org NewsArticle, with the photo's credit where search engines look for it.

Says nothing that is not known: a term without a value is left out.  Pure.
"""

from collections.abc import Mapping
from typing import Any

import orjson

# inside <script> only these can end the element or the line; as JSON escapes they mean the same
_UNSAFE = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def news_article(article: Mapping[str, Any], site_name: str, site_url: str) -> dict[str, Any]:
    """`article` has the contract's names: headline, url, publishedAt, authors, leadPhoto …; `site_name` publishes it."""
    lead = article.get("leadPhoto")
    return {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": f"{article['url']}#article",
        **_known(
            mainEntityOfPage=article["url"],
            url=article["url"],
            headline=article["headline"],
            description=article.get("summary"),
            articleSection=(article.get("section") or {}).get("name"),
            keywords=[tag["name"] for tag in article.get("tags") or ()],
            inLanguage=article.get("language"),
            dateline=article.get("dateline"),
            datePublished=article.get("publishedAt"),
            dateModified=article.get("modifiedAt"),
            wordCount=article.get("wordCount"),
            author=[_person(author["name"], author.get("url")) for author in article.get("authors") or ()],
            publisher={"@type": "NewsMediaOrganization", "name": site_name, "url": f"{site_url}/"},
            isPartOf={"@type": "WebSite", "name": site_name, "url": f"{site_url}/"},
            image=[_image(lead)] if lead else None,
            correction=[
                {"@type": "CorrectionComment", "text": one["text"], "datePublished": one["at"]}
                for one in article.get("corrections") or ()
            ],
        ),
    }


def script(data: Mapping[str, Any]) -> str:
    """The content of a <script type="application/ld+json">: no text in it can end the element."""
    return orjson.dumps(data).decode().translate(_UNSAFE)


def _image(placed: Mapping[str, Any]) -> dict[str, Any]:
    """The IPTC properties that Google reads beside the file: creditText, creator, copyrightNotice, license."""
    photo = placed["photo"]
    return {
        "@type": "ImageObject",
        **_known(
            url=photo["url"],
            contentUrl=photo["url"],
            width=photo.get("width"),
            height=photo.get("height"),
            caption=placed.get("caption"),
            creditText=placed.get("credit"),
            creator=[_person(name) for name in photo.get("creators") or ()],
            copyrightNotice=photo.get("copyrightNotice"),
            license=photo.get("licenseUrl"),
        ),
    }


def _person(name: str, url: str | None = None) -> dict[str, Any]:
    return {"@type": "Person", **_known(name=name, url=url)}


def _known(**terms: Any) -> dict[str, Any]:
    return {term: value for term, value in terms.items() if value not in (None, "", [])}
