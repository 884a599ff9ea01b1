"""`dateline import`: words, exit codes, reports."""

import json
from pathlib import Path

from tests import pictures
from tests.cms.test_cli import dateline, refusal
from tests.cms.transfer.exports import attachment, meta, post, wxr

UPLOADS = "https://old.test/blog/wp-content/uploads"


def settings(tmp_path: Path) -> dict[str, str]:
    return {"database_url": f"sqlite:///{tmp_path}/var/x.sqlite3", "storage_url": f"file:{tmp_path}/store"}


def test_it_reports_what_came_and_what_did_not(tmp_path: Path) -> None:
    """Pictures are found beside the file; run again nothing changes."""
    (tmp_path / "2020/01").mkdir(parents=True)
    (tmp_path / "2020/01/one.jpg").write_bytes(pictures.jpeg(320, 200))
    comment = "<wp:comment><wp:comment_content>First!</wp:comment_content></wp:comment>"
    items = [
        post(1, "Text.", meta("_thumbnail_id", "7"), comment),
        attachment(7, "one.jpg"),
        post(2, "", status="publish"),
    ]
    (tmp_path / "export.xml").write_text(wxr(*items))
    words = ("import", "wordpress", str(tmp_path / "export.xml"))
    dry = dateline(*words, "--dry-run", **settings(tmp_path))
    assert (dry.exit_code, dry.stdout.splitlines()[0]) == (
        0,
        "Nothing was written: this is what would happen. Photos were not fetched.",
    )
    refused = dateline(*words, **settings(tmp_path))
    assert refused.exit_code == 1
    assert refused.stdout.splitlines() == [
        "stories: 2 made, 0 changed, 0 unchanged.",
        "sections: 1 made, 0 changed, 0 unchanged.",
        "authors: 1 made, 0 changed, 0 unchanged.",
        "2 old addresses lead here.",
        "Came as a draft, for it could not be published:",
        "  Post 2: The story has no body.",
        "Refused:",
        f"  {UPLOADS}/2020/01/one.jpg: This photo has no credit: the file carries none, so pass `credit`.",
        "Not taken over:",
        "  1 comments",
    ]
    assert refused.stderr.splitlines() == ["Bringing the stories in: 0 of 2", "Bringing the stories in: 2 of 2"]
    done = dateline(*words, "--credit", "The Courier", "--json", **settings(tmp_path))
    report = json.loads(done.stdout)
    assert (done.exit_code, report["changed"], report["made"], report["losses"]) == (
        0,
        {"story": 1},
        {"photo": 1},
        {"comments": 1},
    )
    again = json.loads(dateline(*words, "--credit", "The Courier", "--json", **settings(tmp_path)).stdout)
    assert (again["made"], again["changed"], again["unchanged"]) == (
        {},
        {},
        {"story": 2, "photo": 1, "author": 1, "section": 1},
    )


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("<html/>")
    assert refusal(dateline("import", "rss", str(tmp_path / "x"), **settings(tmp_path))) == (
        1,
        "This is neither RSS 2.0 nor Atom 1.0.",
    )
    assert refusal(dateline("import", "rss", "/no/such/file", **settings(tmp_path))) == (
        1,
        "There is no file /no/such/file.",
    )
    code, words = refusal(dateline("import", "ninjs", "http://127.0.0.1:9/x.json", **settings(tmp_path)))
    assert (code, words.partition(",")[0]) == (1, "127.0.0.1 has no public address")
    assert not (tmp_path / "var").exists()


def test_a_section_has_to_be_there(tmp_path: Path) -> None:
    (tmp_path / "export.xml").write_text(wxr(post(1)))
    words = ("import", "wordpress", str(tmp_path / "export.xml"), "--section", "world")
    done = dateline(*words, **settings(tmp_path))
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (1, "Error: There is no section world.")
