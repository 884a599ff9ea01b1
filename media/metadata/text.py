"""Text out of files made fit to be kept: printable, trimmed, bounded.  It loses control characters and nothing else."""

import re
from collections.abc import Iterable

MOST = 10_000  # characters of one text
MANY = 200  # entries of one list

_BREAK = re.compile("\r\n|[\r\x85\u2028\u2029]")
# controls, halves of surrogate pairs, byte order marks, and what is no character at all: XML can carry none of them
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]")


def printable(text: str) -> str:
    r"""Line ends as "\n", other white space of control as a space."""
    text = _BREAK.sub("\n", text)
    return _UNPRINTABLE.sub("", text.translate({0x09: " ", 0x0B: " ", 0x0C: " "}))


def paragraphs(text: str) -> str:
    """Line ends are kept; "" where nothing printable is there."""
    return printable(text).strip()[:MOST].rstrip()


def line(text: str) -> str:
    """One line, its inner spaces as they were written."""
    return " ".join(filter(None, (part.strip() for part in paragraphs(text).split("\n"))))


def lines(texts: Iterable[str]) -> list[str]:
    """Without blanks and repeats, in order."""
    return list(dict.fromkeys(filter(None, map(line, texts))))[:MANY]


def decoded(data: bytes) -> tuple[str, bool]:
    """UTF-8, or else Windows-1252 as old desks on Windows wrote it; and whether it was UTF-8."""
    try:
        return data.decode(), True
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False
