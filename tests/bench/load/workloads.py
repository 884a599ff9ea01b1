"""What is asked: each GraphQL document beside the statement that somebody would write by hand for the same answer.

The statements are PostgreSQL's, for an anonymous reader, with the same rules of visibility; they return the value of the one
root field.  `{site}` stands for the newsroom's address.
"""

from dataclasses import dataclass, field
from typing import Any

from tests.bench.load.newsroom import RARE_SECTION, RARE_TAG


@dataclass(frozen=True)
class Workload:
    """`variables` are walked round, one for each request; `sql` takes their values, in order, as texts."""

    name: str
    title: str
    document: str
    sql: str
    variables: list[dict[str, Any]] = field(default_factory=lambda: [{}])
    root: str = "articles"

    @property
    def parameters(self) -> list[list[str]]:
        return [list(one.values()) for one in self.variables]


ARTICLE = """query Page($slug: String!) { article(slug: $slug) {
  id slug url version status language kicker headline summary byline dateline wordCount readingMinutes
  createdAt updatedAt publishedAt modifiedAt expiresAt embargoedUntil
  section { name slug } authors { name slug } tags { name slug } seo { title description canonicalUrl noindex }
  leadPhoto { caption credit altText photo { id url(width: 1280) srcset width height placeholder dominantColor } }
  body { __typename id ... on Paragraph { html } ... on Heading { level text anchor } ... on Quote { html attribution }
    ... on ListBlock { ordered items } ... on Aside { title html }
    ... on PhotoBlock { photo { caption credit altText photo { url(width: 800) width height } } } }
  related(first: 4) { kind title url article { slug headline leadPhoto { credit altText photo { url(width: 320) } } } } } }"""
COMPUTED = ARTICLE.replace("body {", "bodyHtml jsonLd body {").replace(
    "{ id url(width: 1280)", "{ creditChain { creators source via distributor } id url(width: 1280)"
)
FRONT = """query Front { articles(first: 20) { nodes {
  id slug headline summary publishedAt section { name slug } authors { name }
  leadPhoto { caption credit altText photo { url(width: 800) width height } }
  related(first: 2) { kind title url article { id slug headline } } } } }"""
HEADLINES = """query Headlines($first: Int!) { articles(first: $first) { nodes {
  slug headline summary publishedAt section { name } leadPhoto { caption credit photo { url(width: 320) } } } } }"""
SECTION = """query Section($slug: String!, $after: String) { section(slug: $slug) { name articles(first: 20, after: $after) {
  nodes { slug headline summary publishedAt leadPhoto { caption credit altText photo { url(width: 640) } } }
  pageInfo { hasNextPage endCursor } } } }"""
LISTED = "{ name articles(first: 20) { nodes { slug headline publishedAt authors { name } } } }"
TAG = f"query Tag($slug: String!) {{ tag(slug: $slug) {LISTED} }}"
DEEP = f"query Deep($slug: String!) {{ section(slug: $slug) {LISTED} }}"

# ------------------------------------------------------------------------------------------------------- written by hand

_LIVE = "{0}.withdrawn_at IS NULL AND {0}.live_from <= now() AND ({0}.live_until IS NULL OR {0}.live_until > now()) AND ({0}.embargo_until IS NULL OR {0}.embargo_until <= now())"
_USABLE = "{0}.status = 'READY' AND ({0}.rights_until IS NULL OR {0}.rights_until > now())"
LIVE, LIVE_TARGET, USABLE = _LIVE.format("a"), _LIVE.format("t"), _USABLE.format("p")


def _instant(value: str) -> str:
    return f"""to_char({value} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


PUBLISHED = _instant("coalesce(a.first_live_from, a.live_from)")


def _image(recipe: str) -> str:
    return f"'{{site}}/images/' || p.id || '/' || p.version || '/{recipe}-cover.auto'"


_WIDER = "".join(
    f" || CASE WHEN p.width >= {n} THEN ', ' || {_image(f'w{n}')} || ' {n}w' ELSE '' END" for n in (640, 1280, 2048)
)
SRCSET = f"{_image('w320')} || ' 320w'{_WIDER}"


def _placed(photo: str, where: str, more: str = "") -> str:
    return f"""(SELECT row_to_json(o) FROM (SELECT coalesce(ap.caption, p.caption) AS caption, p.credit,
      coalesce(ap.alt_text, p.alt_text, '') AS "altText", (SELECT row_to_json(i) FROM (SELECT {photo}) i) AS photo
      FROM article_photo ap JOIN photo p ON p.id = ap.photo_id WHERE {where} AND {USABLE}{more}) o)"""


def _lead(photo: str, story: str = "a") -> str:
    return _placed(photo, f"ap.article_id = {story}.id AND ap.role = 'LEAD'", " ORDER BY ap.position LIMIT 1")


def _authors(fields: str) -> str:
    return f"""array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT {fields} FROM article_author l JOIN author w ON w.id = l.author_id
      WHERE l.article_id = a.id ORDER BY l.position) o))"""


def _related(fields: str, limit: int) -> str:
    return f"""array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT l.kind, coalesce(l.title, t.headline) AS title,
      coalesce(l.url, '{{site}}' || t.path) AS url, CASE WHEN t.id IS NOT NULL THEN (SELECT row_to_json(i) FROM (SELECT {fields}) i) END AS article
      FROM related_link l LEFT JOIN article t ON t.id = l.target_id
      WHERE l.article_id = a.id AND (l.target_id IS NULL OR ({LIVE_TARGET})) ORDER BY l.position LIMIT {limit}) o))"""


def _block(name: str, *keys: str) -> str:
    fields = ", ".join(("b.id", *keys))
    return f"(SELECT row_to_json(o) FROM (SELECT '{name}' AS \"__typename\", {fields}) o)"


_SHOWN = f"{_image('w800')} AS url, p.width, p.height"
BLOCKS = f"""array_to_json(ARRAY(SELECT CASE b.type
    WHEN 'paragraph' THEN {_block("Paragraph", "b.html")}
    WHEN 'heading' THEN {_block("Heading", "b.level", "b.text", "b.anchor")}
    WHEN 'quote' THEN {_block("Quote", "b.html", "b.attribution")}
    WHEN 'list' THEN {_block("ListBlock", "b.ordered", "b.items")}
    WHEN 'aside' THEN {_block("Aside", "b.title", "b.html")}
    WHEN 'photo' THEN {_block("PhotoBlock", _placed(_SHOWN, "ap.id = b.placed") + " AS photo")} END
  FROM json_to_recordset(a.body) AS b(id json, type text, html json, level json, text json, anchor json, attribution json,
    ordered json, items json, title json, placed uuid)))"""

_LEAD = f"""'photo_' || p.id AS id, {_image("w1280")} AS url, {SRCSET} AS srcset, p.width, p.height, p.placeholder,
  p.dominant_color AS "dominantColor\""""
_TARGET = f"""t.slug, t.headline, (SELECT row_to_json(o) FROM (SELECT p.credit, coalesce(ap.alt_text, p.alt_text, '') AS "altText",
  (SELECT row_to_json(i) FROM (SELECT {_image("w320")} AS url) i) AS photo FROM article_photo ap JOIN photo p ON p.id = ap.photo_id
  WHERE ap.article_id = t.id AND ap.role = 'LEAD' AND {USABLE} ORDER BY ap.position LIMIT 1) o) AS "leadPhoto\""""
ARTICLE_SQL = f"""SELECT row_to_json(o)::text FROM (SELECT 'article_' || a.id AS id, a.slug, '{{site}}' || a.path AS url, a.version,
  'PUBLISHED' AS status, a.language, a.kicker, a.headline, a.summary,
  coalesce(a.byline_override, (SELECT string_agg(w.name, ' and ' ORDER BY l.position) FROM article_author l JOIN author w ON w.id = l.author_id
    WHERE l.article_id = a.id), '') AS byline, a.dateline, a.word_count AS "wordCount", (a.word_count + 237) / 238 AS "readingMinutes",
  {_instant("a.created_at")} AS "createdAt", {_instant("a.updated_at")} AS "updatedAt", {PUBLISHED} AS "publishedAt",
  {_instant("coalesce(a.modified_at, a.first_live_from, a.live_from)")} AS "modifiedAt", {_instant("a.live_until")} AS "expiresAt",
  {_instant("a.embargo_until")} AS "embargoedUntil", (SELECT row_to_json(i) FROM (SELECT s.name, s.slug) i) AS section,
  {_authors("w.name, w.slug")} AS authors,
  array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT g.name, g.slug FROM article_tag l JOIN tag g ON g.id = l.tag_id AND g.visible_from <= now()
    WHERE l.article_id = a.id ORDER BY l.position) o)) AS tags,
  (SELECT row_to_json(i) FROM (SELECT coalesce(a.seo_title, a.headline) AS title, coalesce(a.seo_description, a.summary, '') AS description,
    coalesce(a.canonical_url, '{{site}}' || a.path) AS "canonicalUrl", a.noindex) i) AS seo,
  {_lead(_LEAD)} AS "leadPhoto",
  {BLOCKS} AS body,
  {_related(_TARGET, 4)} AS related
  FROM article a JOIN section s ON s.id = a.section_id WHERE a.slug = $1 AND {LIVE}) o"""

FRONT_SQL = f"""SELECT row_to_json(c)::text FROM (SELECT array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT 'article_' || a.id AS id, a.slug, a.headline,
  a.summary, {PUBLISHED} AS "publishedAt", (SELECT row_to_json(i) FROM (SELECT s.name, s.slug FROM section s WHERE s.id = a.section_id) i) AS section,
  {_authors("w.name")} AS authors, {_lead(_SHOWN)} AS "leadPhoto",
  {_related("'article_' || t.id AS id, t.slug, t.headline", 2)} AS related
  FROM article a WHERE {LIVE} ORDER BY a.live_from DESC, a.id DESC LIMIT 20) o)) AS nodes) c"""


def _section(after: str) -> str:
    return f"""SELECT row_to_json(o)::text FROM (SELECT s.name, (WITH page AS (SELECT row_number() OVER () AS n, k.live_from, k.id,
      (SELECT row_to_json(o) FROM (SELECT k.slug, k.headline, k.summary, k.at AS "publishedAt", k.lead AS "leadPhoto") o) AS node
      FROM (SELECT a.live_from, a.id, a.slug, a.headline, a.summary, {PUBLISHED} AS at, {_lead(_image("w640") + " AS url")} AS lead
        FROM listing l JOIN article a ON a.id = l.article_id
        WHERE l.list_id = s.id AND l.live_from <= now(){after} AND {LIVE} ORDER BY l.live_from DESC, l.article_id DESC LIMIT 21) k)
    SELECT row_to_json(c) FROM (SELECT array_to_json(array_agg(node) FILTER (WHERE n <= 20)) AS nodes,
      (SELECT row_to_json(i) FROM (SELECT max(n) > 20 AS "hasNextPage", (SELECT 'p' || to_char(live_from AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')
        || replace(id::text, '-', '') FROM page WHERE n = 20) AS "endCursor") i) AS "pageInfo" FROM page) c) AS articles
    FROM section s WHERE s.slug = $1) o"""


def _listed(table: str) -> str:
    return f"""SELECT row_to_json(o)::text FROM (SELECT x.name, (SELECT row_to_json(c) FROM (SELECT array_to_json(ARRAY(SELECT row_to_json(o) FROM (
      SELECT a.slug, a.headline, {PUBLISHED} AS "publishedAt", {_authors("w.name")} AS authors
      FROM listing l JOIN article a ON a.id = l.article_id WHERE l.list_id = x.id AND l.live_from <= now() AND {LIVE}
      ORDER BY l.live_from DESC, l.article_id DESC LIMIT 20) o)) AS nodes) c) AS articles FROM {table} x WHERE x.slug = $1) o"""


SECTION_SQL = _section("")
# the cursor as the engine writes it: a letter, twenty digits of the instant, the key in hex
ONWARD_SQL = _section(
    " AND (l.live_from, l.article_id) < (to_timestamp(substr($2, 2, 20), 'YYYYMMDDHH24MISSUS'), substr($2, 22)::uuid)"
)
TAG_SQL, DEEP_SQL = _listed("tag"), _listed("section")


_MADE = _instant("coalesce(a.modified_at, a.first_live_from, a.live_from)")
FEED_SQL = f"""SELECT array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT 'article_' || a.id AS id, '{{site}}' || a.path AS url, a.slug, a.language,
  a.kicker, a.headline, a.summary, a.byline_override, a.dateline, a.body, {PUBLISHED} AS published, {_MADE} AS modified,
  {_instant("a.updated_at")} AS updated, {_instant("a.live_until")} AS ends,
  (SELECT row_to_json(i) FROM (SELECT s.name, s.slug, s.path FROM section s WHERE s.id = a.section_id) i) AS section, {_authors("w.name")} AS authors,
  array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT g.name, g.slug FROM article_tag l JOIN tag g ON g.id = l.tag_id AND g.visible_from <= now()
    WHERE l.article_id = a.id ORDER BY l.position) o)) AS tags,
  array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT ap.id AS place, ap.role, coalesce(ap.caption, p.caption) AS caption, p.credit,
    coalesce(ap.alt_text, p.alt_text, '') AS alt, {_image("w1280")} AS url, 'photo_' || p.id AS id, p.width, p.height, p.copyright_notice,
    p.usage_terms, p.creators, {_instant("p.updated_at")} AS updated, {_instant("p.rights_until")} AS ends
    FROM article_photo ap JOIN photo p ON p.id = ap.photo_id WHERE ap.article_id = a.id AND {USABLE} ORDER BY ap.position) o)) AS photos,
  {_related("t.slug", 20)} AS related,
  array_to_json(ARRAY(SELECT row_to_json(o) FROM (SELECT c.at, c.text FROM correction c WHERE c.article_id = a.id ORDER BY c.at DESC) o)) AS corrections
  FROM article a WHERE {LIVE} ORDER BY a.live_from DESC, a.id DESC LIMIT 50) o))::text"""


def all_of(slugs: list[str], cursor: str) -> list[Workload]:
    """`slugs` are live stories', `cursor` continues behind page 49 of the section "world"."""
    return [
        Workload("w1", "W1 article page", ARTICLE, ARTICLE_SQL, [{"slug": one} for one in slugs], "article"),
        Workload("w2", "W2 front page of 20", FRONT, FRONT_SQL),
        Workload("w3", "W3 section, page 1", SECTION, SECTION_SQL, [{"slug": "world"}], "section"),
        Workload("w3-50", "W3 section, page 50", SECTION, ONWARD_SQL, [{"slug": "world", "after": cursor}], "section"),
        Workload("tag", "tag with five old stories", TAG, TAG_SQL, [{"slug": RARE_TAG}], "tag"),
        Workload("deep", "rare deep section", DEEP, DEEP_SQL, [{"slug": RARE_SECTION}], "section"),
    ]
