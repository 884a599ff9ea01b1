"""Hostile input, made at random from grammars: requests as bytes, JSON, GraphQL, multipart, addresses.

Each takes its random numbers from outside, so that a seed stands for a case.
"""

import random
import string
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import orjson

TEXTS = [
    *("", " ", "a", "World", "\0", "a\0b", "\x1b[31m", "\r\nX-One: 1", "\u202e", "e\u0301" * 40, "\U0001f600", "\ufeff", "\uffff"),
    *("'; DROP TABLE article; --", '"', "\\", "%", "_", "%00", "../../etc/passwd", "<script>alert(1)</script>", "]]>"),
    *("x" * 300, "x" * 20_000, "é" * 5000, "<b>" * 10_000, "&" * 5000, "<p>" + "<i>" * 500 + "x", "javascript:alert(1)"),
    *("article_00000000-0000-7000-8000-000000000000", "photo_0", "article_" + "f" * 64, "h00", "p" + "0" * 40, "e1-1-1"),
    *("1", "-1", "1e400", "9" * 5000, "null", "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
    *("https://example.org/", "http://[::1", "//", "mailto:a@b", "en", "xx-YY-zz", "a@b.example", "@"),
]  # fmt: skip
NUMBERS = [0, 1, -1, 2, 20, 100, 101, 2**31 - 1, 2**31, -(2**31), 2**53, 2**63, 2**64, 10**30, 0.5, 1e300, -0.0]

READS = [
    "query($a: String!, $n: Int) { article(slug: $a) { headline related(first: $n) { title url } } }",
    "query($a: ID!) { node(id: $a) { id } }",
    "query($a: [ID!]!) { nodes(ids: $a) { id } }",
    "query($n: Int, $a: String) { articles(first: $n, after: $a) { totalCount nodes { id } } }",
    "query($n: Int, $a: String) { articles(last: $n, before: $a) { nodes { headline } } }",
    "query($f: ArticleFilter) { articles(filter: $f) { totalCount nodes { slug } } }",
    "query($a: String!) { tag(slug: $a) { name articles { totalCount } } }",
    "query($a: String!) { section(slug: $a) { name } author(slug: $a) { name } collection(slug: $a) { title } }",
    "query($a: String!) { preview(token: $a) { headline } }",
    "query($f: PhotoFilter, $n: Int) { photos(filter: $f, first: $n) { totalCount } }",
    "query($n: Int!) { articles(first: 1) { nodes { leadPhoto { photo { url(width: $n) } } } } }",
]
WRITES = [
    "mutation($i: SaveTagInput!) { saveTag(input: $i) { tag { slug } errors { code field } } }",
    "mutation($i: SaveSectionInput!) { saveSection(input: $i) { section { slug } errors { code field } } }",
    "mutation($i: SaveAuthorInput!) { saveAuthor(input: $i) { author { slug } errors { code field } } }",
    "mutation($i: CreateArticleInput!) { createArticle(input: $i) { article { slug bodyHtml } errors { code field } } }",
    "mutation($i: UpdateArticleInput!) { updateArticle(input: $i) { article { slug } errors { code field } } }",
    "mutation($i: SignInInput!) { signIn(input: $i) { token errors { code } } }",
]
FIELDS = [
    *("id", "version", "name", "slug", "headline", "summary", "section", "sections", "tags", "authors", "body", "language", "seo"),
    *("related", "leadPhoto", "gallery", "publishAt", "email", "password", "url", "title", "photo", "html", "text", "level"),
    *("ids", "status", "tag", "author", "publishedAfter", "mine", "credit", "caption", "parent", "position", "description"),
]  # fmt: skip
BLOCKS = ["paragraph", "heading", "quote", "list", "photo", "gallery", "embed", "aside"]

UPLOAD = "mutation($input: UploadPhotoInput!) { uploadPhoto(input: $input) { photo { id } errors { code } } }"


def value(rnd: random.Random, depth: int = 0) -> Any:
    """Anything that JSON holds."""
    match rnd.randrange(12 if depth < 4 else 7):
        case 0 | 1 | 2:
            return rnd.choice(TEXTS)
        case 3 | 4:
            return rnd.choice(NUMBERS[:12])
        case 5:
            return rnd.choice([None, True, False])
        case 6:
            return "".join(rnd.choices(string.printable + "äß€\U0001f600\u2028", k=rnd.randrange(60)))
        case 7 | 8:
            return [value(rnd, depth + 1) for _ in range(rnd.choice((0, 1, 2, 3, 200)))]
        case 9:
            return [{rnd.choice(BLOCKS): value(rnd, depth + 2)} for _ in range(rnd.randrange(5))]
        case _:
            return {rnd.choice(FIELDS): value(rnd, depth + 1) for _ in range(rnd.randrange(6))}


def request(rnd: random.Random, writes: bool) -> dict[str, Any]:
    """A GraphQL request that is nearly right."""
    document = rnd.choice(WRITES if writes else READS)
    given: dict[str, Any] = {"a": rnd.choice(TEXTS), "n": rnd.choice(NUMBERS[:10]), "f": {}, "i": {}}
    for name in "fi":
        given[name] = {rnd.choice(FIELDS): value(rnd) for _ in range(rnd.randrange(7))}
    if rnd.random() < 0.3:
        given[rnd.choice("anfi")] = value(rnd)
    made = {"query": document, "variables": given}
    if rnd.random() < 0.1:
        made[rnd.choice(("operationName", "extensions", "documentId", "query", "variables"))] = value(rnd)
    return made


def body(rnd: random.Random, writes: bool = False) -> bytes:
    """JSON of such a request, and what is done to it."""
    made = orjson.dumps(request(rnd, writes)) if rnd.random() < 0.8 else orjson.dumps(value(rnd))
    for _ in range(rnd.choice((0, 0, 1, 1, 2))):
        made = rnd.choice(SPOILS)(rnd, made)
    return made[:400_000]


def _at(rnd: random.Random, data: bytes, put: bytes, over: int = 0) -> bytes:
    at = rnd.randrange(len(data) + 1)
    return data[:at] + put + data[at + over :]


SPOILS: list[Callable[[random.Random, bytes], bytes]] = [
    lambda rnd, data: data[: rnd.randrange(len(data) + 1)],
    lambda rnd, data: data.replace(b'"variables"', b'"query":"{ __typename }","variables"', 1),
    lambda rnd, data: data.replace(b":{", b':{"id":1,"id":2,', 1),
    lambda rnd, data: data.replace(b"null", rnd.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999", b"0x1", b"01")), 1),
    lambda rnd, data: data.replace(b'"a":"', b'"a":"' + rnd.choice((b"\\ud800", b"\\udc00\\ud800", b"\\u0000", b"\\x")), 1),
    lambda rnd, data: _at(rnd, data, rnd.choice((b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\0", b"\n"))),
    lambda rnd, data: b"\xef\xbb\xbf" + data,
    lambda rnd, data: data.decode("utf-8", "replace").encode(rnd.choice(("utf-16", "utf-32", "latin-1")), "replace"),
    lambda rnd, data: data + rnd.choice((b" ", b"\0", b"{}", b"]", data)),
    lambda rnd, data: data.replace(b'"n":', b'"n":' + b"[" * rnd.choice((5, 70, 1000, 5000)), 1),
    lambda rnd, data: data.replace(b'"f":{', b'"f":{' + b"".join(b'"k%d":1,' % n for n in range(20_000)), 1),
    lambda rnd, data: data.replace(b'"n":', b'"n":' + b"9" * rnd.choice((20, 400, 5000)), 1),
    lambda rnd, data: b"[" + data + b"]",
    lambda rnd, data: b" " * rnd.choice((10, 300_000)) + data,
]  # fmt: skip


def multipart(rnd: random.Random) -> tuple[str, bytes]:
    """Content-Type and body of an upload that is nearly right."""
    boundary = rnd.choice(("b", "----WebKitFormBoundaryAbC", "'()+_,-./:=?", "x" * 70, "x" * 300, " ", "b\0", "ö"))
    path = rnd.choice(
        (
            *("variables.input.file",) * 5,
            *(
                "variables.input",
                "variables",
                "",
                ".",
                "variables.input.file.x",
                "variables.0",
                "variables.input.99999",
            ),
            *(
                "variables.input.__class__",
                "variables.__proto__",
                "query",
                "variables." + "a." * 500,
                "variables.input.credit",
            ),
        )
    )
    operations: Any = {"query": UPLOAD, "variables": {"input": {"file": None, "credit": rnd.choice(TEXTS)}}}
    if rnd.random() < 0.2:
        operations = value(rnd)
    places: Any = {"0": [path]}
    if rnd.random() < 0.2:
        places = rnd.choice(({}, [], None, {"0": path}, {"0": [path, path]}, {"1": [path]}, {"0": [1]}, value(rnd)))
    dumped = [body(rnd) if rnd.random() < 0.1 else orjson.dumps(one) for one in (operations, places)]
    file = rnd.choice(
        (b"", b"\xff\xd8\xff\xe0" + bytes(200), b"x" * 100_000, rnd.randbytes(3000), b"--" + boundary.encode("utf-8"))
    )
    names = ["operations", "map", "0"]
    parts = [
        (names[0], None, dumped[0]),
        (names[1], None, dumped[1]),
        (names[2], rnd.choice(("a.jpg", "../../a.jpg", "", "a\0.jpg", "x" * 3000, 'a";x="b', "ä.jpg")), file),
    ]
    match rnd.randrange(10):
        case 0:
            rnd.shuffle(parts)
        case 1:
            parts.append(rnd.choice(parts))
        case 2:
            parts.pop(rnd.randrange(3))
        case 3:
            parts += [(str(n), "a.jpg", b"x") for n in range(1, rnd.choice((3, 30)))]
        case 4:
            parts.insert(rnd.randrange(4), (rnd.choice(TEXTS), None, rnd.choice(TEXTS).encode()))
        case _:
            pass
    edge, end = b"--" + boundary.encode(), rnd.choice((b"\r\n",) * 9 + (b"\n",))
    made = rnd.choice((b"",) * 8 + (b"preamble\r\n", end * 1000))
    for name, filename, data in parts:
        said = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        headers = [b"Content-Disposition: " + said.encode("utf-8", "replace")]
        if rnd.random() < 0.2:
            headers.append(
                rnd.choice((b"X: " + b"y" * 3000, b"Content-Transfer-Encoding: base64", b"nonsense", b": x", b"X:\0"))
            )
        made += edge + end + end.join(headers) + end + end + data + end
    made += edge + rnd.choice((b"--\r\n",) * 8 + (b"", b"--", b"-"))
    if rnd.random() < 0.2:
        made = made[: rnd.randrange(len(made))]
    if rnd.random() < 0.1:
        made = _at(rnd, made, rnd.randbytes(rnd.randrange(40)), rnd.randrange(40))
    quoted = rnd.choice((boundary, f'"{boundary}"'))
    kind = rnd.choice(
        (f"multipart/form-data; boundary={quoted}",) * 8 + ("multipart/form-data", "multipart/mixed; boundary=b")
    )
    return "".join(one if " " <= one < "\x7f" else "?" for one in kind).strip(), made


ROUTES = [
    *("/graphql", "/feeds/latest.rss", "/feeds/{}.atom", "/feeds/section/{}.json", "/feeds/tag/{}.rss", "/feeds/private/{}/{}.rss"),
    *("/articles/{}.html", "/{}/{}", "/preview/{}", "/images/{}/1/w640.jpeg", "/images/00000000-0000-7000-8000-000000000000/{}/{}.auto"),
    *("/originals/{}/{}", "/uploads/{}", "/schema.graphql", "/{}", "/health/live", "/"),
]  # fmt: skip
PARAMETERS = [
    "query",
    "variables",
    "extensions",
    "documentId",
    "operationName",
    "after",
    "limit",
    "expires",
    "signature",
    "x",
]
METHODS = ("GET",) * 12 + ("HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")


def address(rnd: random.Random) -> tuple[str, str]:
    """Method and target: a path that there is, or nearly, with anything in its places and behind it."""

    def word() -> str:
        text = rnd.choice(TEXTS)[:3000]
        if rnd.random() < 0.2:
            return "".join(f"%{byte:02x}" for byte in rnd.randbytes(rnd.randrange(1, 20)))
        return quote(text, safe=rnd.choice(("", "/", "/.")))

    route = rnd.choice(ROUTES)
    path = route.format(*(word() for _ in range(route.count("{}"))))
    if rnd.random() < 0.15:
        path = rnd.choice((path + "/", "/" + path, path.upper(), path.replace("/", "//"), path + "%00", path + "/../x"))
    given = [f"{rnd.choice(PARAMETERS)}={word()}" for _ in range(rnd.choice((0, 0, 1, 2, 5)))]
    if route == "/graphql" and rnd.random() < 0.7:
        asked = request(rnd, writes=rnd.random() < 0.2)
        given = [f"query={quote(str(asked['query']))}", "variables=" + quote(orjson.dumps(asked["variables"])[:6000])]
    return rnd.choice(METHODS), (path + ("?" + "&".join(given) if given else ""))[:15_000]


def framed(rnd: random.Random) -> list[bytes]:
    """A request as bytes, in the pieces in which it is sent, that may end at several places or at none."""
    text = b'{"query": "{ __typename }"}'
    version = rnd.choice((b"HTTP/1.1",) * 10 + (b"HTTP/1.0", b"HTTP/0.9", b"HTTP/2.0", b"HTTP/1.1 ", b"http/1.1", b""))
    method = rnd.choice(
        (b"POST",) * 8 + (b"GET", b"HEAD", b"PUT", b"CONNECT", b"TRACE", b"OPTIONS", b"PRI", b"\x16\x03")
    )
    target = rnd.choice(
        (b"/graphql",) * 8 + (b"/", b"*", b"http://x/graphql", b"//graphql", b"/x" * 9000, b"/%zz", b"", b"/\xff")
    )
    line_end = rnd.choice((b"\r\n",) * 12 + (b"\n", b"\r"))
    lengths = [b"%d" % len(text)] * 6 + [b"0", b"5", b"9999", b"-1", b"+27", b"27,27", b"0x1b", b"", b"1" * 30, b"27 "]
    chunks = rnd.choice(
        (
            *(b"1b\r\n" + text + b"\r\n0\r\n\r\n",) * 4,
            b"1b;x=y\r\n" + text + b"\r\n0\r\nTrailer: x\r\n\r\n",
            b"1B\r\n" + text + b"\r\n00\r\n\r\n",
            b"zz\r\n\r\n",
            b"-1\r\n" + text,
            b"1b\r\n" + text + b"0\r\n\r\n",
            b"fffffffffffffffff\r\n" + text,
            b"1b\n" + text + b"\n0\n\n",
            b"0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n",
        )
    )
    headers = [
        rnd.choice((b"Host: desk.test",) * 8 + (b"", b"Host:", b"Host: a b", b"Host: a\r\nHost: b", b"Host : x"))
    ]
    headers.append(rnd.choice((b"Content-Type: application/json",) * 6 + (b"Content-Type: text/plain", b"")))
    payload = text
    if rnd.random() < 0.75:
        headers.append(b"Content-Length: " + rnd.choice(lengths))
    if rnd.random() < 0.35:
        kinds = (b"chunked",) * 5 + (
            b"gzip, chunked",
            b"identity",
            b"chunked, chunked",
            b"\x0bchunked",
            b"x",
            b"CHUNKED",
        )
        headers.append(b"Transfer-Encoding: " + rnd.choice(kinds))
        payload = chunks
    odd = (
        *(
            b"Connection: close",
            b"Connection: keep-alive",
            b"Expect: 100-continue",
            b"Expect: x",
            b"Content-Encoding: gzip",
        ),
        *(
            b"Connection: Upgrade\r\nUpgrade: websocket",
            b"Connection: Upgrade\r\nUpgrade: h2c",
            b"Cookie: dateline_session=x",
        ),
        *(b"X-One: a\r\n b", b"X One: a", b"X-One: a\0b", b"X-One: \xff", b": x", b"X-One", b"X-One: " + b"x" * 40_000),
        *(b"Authorization: Bearer x", b"Authorization: Basic !!", b"Content-Length: 3", b"Accept: " + b"a/b," * 500),
        *(b"If-None-Match: " + b'"x",' * 1000, b"Range: bytes=0-1,2-3", b"X-Forwarded-For: " + b"1.1.1.1," * 500),
        b"\r\n".join(b"X-%d: 1" % n for n in range(150)),
    )
    headers += [rnd.choice(odd) for _ in range(rnd.choice((0, 0, 1, 1, 2, 3)))]
    rnd.shuffle(headers)
    first = b" ".join(one for one in (method, target, version) if one)
    made = line_end.join([first, *(one for one in headers if one)]) + line_end * 2 + payload
    made *= rnd.choice((1,) * 10 + (2, 5))
    if rnd.random() < 0.1:
        made = made[: rnd.randrange(1, len(made))]
    if rnd.random() < 0.15:
        made = _at(
            rnd, made, rnd.choice((b"\0", b"\r", b"\n", b"\r\n", b" ", b"\xff", rnd.randbytes(5))), rnd.randrange(3)
        )
    if rnd.random() < 0.6:
        return [made]
    cuts = sorted(rnd.randrange(len(made) + 1) for _ in range(rnd.choice((1, 2, 5))))
    return [made[start:end] for start, end in zip([0, *cuts], [*cuts, len(made)], strict=True)]
