"""Words as things are looked for by them: small letters, one form for each, without what stands between them."""

from unicodedata import category, normalize

LONGEST = 60  # characters of a word that count
MOST = 6  # words of a question


def folded(text: str) -> str:
    """As it is compared: "Łódź", "ŁÓDŹ" and the same from other code points are one."""
    return normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """Letters, their marks and digits make words, whatever else stands there parts them; each once, in order."""
    parted = "".join(one if category(one)[0] in "LMN" else " " for one in folded(text))
    return list(dict.fromkeys(one[:LONGEST] for one in parted.split()))
