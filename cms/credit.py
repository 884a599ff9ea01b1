"""The credit line taken apart: who made the photo, and through whose hands it came.

An index only: the line itself is stored and printed as the supplier wrote it, never from these parts.  Pure; after
the IPTC Photo Metadata User Guide (Creator, Source, Image Supplier, Credit Line).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Chain:
    """Origin first: `source`, then `via`, and last the `distributor`, whom the photo was had from.

    With one party it is the distributor.  Of a composite ("A/AP; B/Reuters") the chains stand one after the other.
    Creators may be placeholders: "STR", "HO".
    """

    creators: tuple[str, ...] = ()
    source: str | None = None
    via: tuple[str, ...] = ()
    distributor: str | None = None
    pool: bool = False
    handout: bool = False


@lru_cache(4096)  # the same few suppliers' lines again and again, at 8 us each
def chain(line: str) -> Chain:
    """Any line has a chain; an empty one for a line that names nobody."""
    return _read(_inside(line)).chain


def from_caption(caption: str) -> str | None:
    """The credit at a caption's end, in brackets (and without these) or as a last sentence with a label ("Photo: …").

    None where there is something else.  A credit in brackets holds a known provider, "via", a label like "Photo by",
    "Handout", "Pool", or a "/" between two names.
    """
    ended = caption.rstrip(" \t\r\n.。")
    groups = _groups(ended)
    if not groups or groups[-1].end != len(ended):
        return _last_sentence(ended)
    text = groups[-1].text.strip()
    return text if _read(text).certain else None


# -------------------------------------------------------------------------------------------------------- what is known

# As they sign their pictures.  A name that is not here can still be a party: by its place, or by words like "Agency".
_SIGNATURES = """
    AA; AAP; Abaca; Abaca Press; ABACAPRESS; ABr; AFP; Agence France-Presse; Agencia EFE; Agência Brasil; Alamy;
    Alamy Live News; Alamy Stock Photo; Anadolu; Anadolu Agency; ANI; ANP; ANSA; Antara; AP; APA; APP; Associated Press;
    The Associated Press; Avalon; Belga; Bernama; Bettmann; Bloomberg; BTA; The Canadian Press; Canadian Press; CNS;
    Contrasto; Corbis; CP; CTK; ČTK; ddp; DHA; dpa; Deutsche Presse-Agentur; EFE; EPA; EPA-EFE; epd; ESA; EyePress;
    Europa Press; Fars News; FilmMagic; Gamma-Rapho; Getty; Getty Images; Hina; Hollandse Hoogte; Hulton Archive;
    Icon Sportswire; IHA; imago; Imago Images; Interfax; IRNA; ISNA; Jiji; Jiji Press; KCNA; Keystone; Keystone-SDA; KNA;
    KNS; KUNA; Kyodo; Kyodo News; Laif; LaPresse; Lehtikuva; Leemage; LightRocket; Lusa; Magnum; Magnum Photos; Maxar;
    Mehr; MENA; MTI; NASA; Newsis; NTB; NurPhoto; Opale; Ostkreuz; PA; PA Images; PA Media; PA Wire; Panos Pictures; PAP;
    Picture Alliance; Planet Labs; Polaris; Press Association; PTI; Redux; REX; REX Features; Reuters; Thomson Reuters;
    RIA Novosti; Ritzau; Ritzau Scanpix; SANA; Scanpix; Shutterstock; Sipa; Sipa USA; Sipa Press; SOPA Images; SPA;
    Sputnik; STT; Tanjug; TASS; ITAR-TASS; Tasnim; TT; TT News Agency; UKRINFORM; The Washington Post; Ullstein Bild;
    UPI; VCG; Visum; VNA; WAFA; WAM; WANA; WENN; WireImage; Xinhua; Yonhap; Yonhap News; Zuma; ZUMA Press; ZUMA Wire;
    Zumapress; AFP時事; ロイター; 路透社; 法新社; 美联社; 로이터; رويترز; رویترز; فرانس برس; 新华社; 新華社; 中新社; 视觉中国; 中央社; 共同; 共同通信; 共同通信社;
    時事; 時事通信; 時事通信社; 연합뉴스; 뉴시스; 뉴스1; 아프로; 인민망; アフロ; 朝鮮通信; 朝鮮中央通信; 朝鲜中央通讯社; 朝中社; 조선중앙통신; 人民视觉; 人民日报; 中新网; 中国新闻社; 图虫; 法新;
    路透; أ ف ب; أ.ف.ب; الفرنسية; أسوشيتد برس; الأناضول; وام; واس; إيرنا; ایسنا; ایرنا; تسنیم; רויטרס; איי.פי; पीटीआई;
    एएनआई; एएफपी; रॉयटर्स; ТАСС; РИА Новости; Интерфакс; Укрінформ; УНІАН; Action Images; ActionPress; Agence VU;
    Agencja Wyborcza.pl; Anadolu Ajansı; Anadolu Images; Camera Press; Depo Photos; dpa-Zentralbild; Eurokinissi; Hans
    Lucas; Imagn; Imagn Images; iStock; iStockphoto; Korea News Service; MAXPPP; Maxar Technologies; MYOP; Newscom;
    NOOR; Notimex; Pacific Press; Pexels; Pixabay; Telam; Télam; Unsplash; USA TODAY Sports; VII; Wikimedia Commons;
    ZB; Zentralbild
"""
_PROVIDERS = frozenset(" ".join(name.split()).casefold() for name in _SIGNATURES.split(";"))
_ALIASES = {"getty": "Getty Images"}

_PLACEHOLDERS = {"str", "stringer", "ho", "staff"}
_POOL = {"pool", "pool photo", "pool picture", "poolfoto"}
_HANDOUT = {
    "handout", "handout photo", "handout image", "hand-out", "hand out", "ho", "divulgação", "divulgación", "cedida",
}  # fmt: skip
# neither makers nor parties: where the picture was lying, how it was asked for, that nobody is named
_REMARKS = {
    "file", "file photo", "file image", "file picture", "archive", "archives", "archiv", "archivbild", "archivfoto", "archivo",
    "arkiv", "arşiv", "архив", "архів", "资料图", "资料图片", "資料写真", "資料", "자료사진", "آرشیو", "أرشيف", "courtesy",
    "courtesy photo", "supplied", "supplied photo", "provided", "cortesía", "cortesia", "reprodução", "reproducción", "crown copyright", "photo", "photos", "foto", "-", "--", "n/a", "dr", "d.r.",
}  # fmt: skip

_ORGANISATION = re.compile(
    r"""\b(?:academy|administration|agency|agence|agencia|agentur|airlines?|archives?|army|associat(?:ion|ed)|
    brigade|bureau|cent(?:er|re)|commission|committee|company|corps?|defen[cs]e|department|
    embassy|federation|force|forces|foundation|fund|gmbh|government|images?|inc|institute?|kremlin|library|
    ltd|media|ministry|ministère|ministerio|ministerium|museum|navy|news|newspaper|observatory|office|organi[sz]ation|
    parliament|photo(?:s|graphy)|pictures|police|polizei|presidency|presidential|presse?|royal\ household|
    secretariat|service|society|studios?|technologies|television|times|tv|university|white\ house|agencja|agentura|
    ajansı|ejército|gobierno|governo|policía|policia|prefeitura|presid[eê]ncia)\b
    |新聞|通信|通讯|电视|大学|政府|日报|时报|뉴스|신문|министерств|служба|агентство|пресс-служба""",
    re.IGNORECASE | re.VERBOSE,
)
_ACRONYM = re.compile(r"[A-Z]{2,6}")
_UNSPACED_NAME = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,5}")

_LABEL = re.compile(
    r"""(?:
    (?:photos?|photographs?|photography|pictures?|(?:satellite\ )?images?|(?P<handout>hand-?out)\ (?:photo|image|picture))
        \ (?:(?:provided|released|supplied|taken)\ )?(?:by|courtesy\ of|courtesy)\b
    | courtesy(?:\ of)?(?=\s+\S) | (?:foto\ )?cortes[ií]a\ de\b | obtained\ by\b | satellite\ image(?=\s+\S)
    | (?:mandatory\ credit|photo(?:\ credit)?|photos|photograph|photographer|picture(?:\ credit)?
        |image(?:\ credit|\ source|\ copyright)?|credits?|source|courtesy|cortes[ií]a|foto(?:s|graf(?:in|ía|ia|o)?|ğraf)?|bild(?:nachweis|quelle)?|quelle
        |crédits?(?:\ photos?)?|crédito|créditos|photographie|kuva|fot\.?|zdjęcie|fotó|фото|снимка|світлина|φωτογραφία|φωτο|φώτο|写真|写真提供|提供|撮影
        |图片|图片来源|图源|来源|图|照片|摄影|圖片|圖片來源|圖源|來源|圖|攝影|사진|사진\s?제공|عکس|تصویر|صورة|الصورة|تصوير|תצלום|צילום|तस्वीर|फोटो|ภาพ|ảnh)
        \s*[:：=＝,]
    | (?:图片|图|圖|照片)(?=\s*[/／])\s*[/／]
    | (?:foto|fotos|bild)\ (?:von|de|di|av|van|door|af)\b
    | photo\ (?:de|d[’'])\b
    | (?:fotograf[ií]a|crédit\ photo|fot\.|фото)(?=\s+\S)
    | (?P<bare>(?:photos?|foto)\ (?!(?:agency|archives?|library|news|press|service|taken)\b)(?=\S))
    | (?:©|\(c\))\s*(?:\d{4}\b)? | copyright\s+\d{4}\b
    )\s*[:：]?\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_LABELS = 3  # one behind the other: "Mandatory credit: Photo by"
_PICTURES_OF = re.compile(r"(?P<name>.+?)\s+(?:photos?|pictures?|foto)", re.IGNORECASE)  # "AP Photo" is AP
_POOL_OF = re.compile(
    r"(?P<name>\S.*?)\s+(?P<pool>pool)(?:\s+(?:photo|picture))?", re.IGNORECASE
)  # "Kremlin Pool Photo" is the Kremlin
_BEHIND = re.compile(r"(?P<name>\S.*?)\s*\((?P<behind>[^()]{1,60})\)")  # "Jane Doe (AP)", "Shutterstock (1234567a)"
_INITIALS = re.compile("[a-z]{2,4}")  # an editor's, who passed it on: "ANTARA FOTO/Budi Santoso/foc"
# lines whose words stand in another order than ours, and what they would be in it
_FORMS = (
    (re.compile(r"(?P<party>.{1,40}?)(?:记者|記者)\s*(?P<name>.{1,40}?)\s*[摄攝]影?"), r"\g<name>/\g<party>"),
    (re.compile(r"(?P<party>.{1,40}?)[发發]\s?[（(](?P<name>.{1,40}?)\s*[摄攝]影?[）)]"), r"\g<name>/\g<party>"),
    (re.compile(r"(?P<name>.{1,40}?)\s*[/／]?\s*(?<!拍)[摄攝]影?"), r"\g<name>"),
    (re.compile(r"(?P<party>\S{2,40})\s+(?P<name>\S{2,6})\s?기자"), r"\g<name>/\g<party>"),
    (re.compile(r"(?P<name>[\uac00-\ud7a3]{2,5})\s?기자"), r"\g<name>"),
    (re.compile(r"(?P<party>.{2,60}?)\ photo\ by\ (?P<name>.{2,100})", re.IGNORECASE), r"\g<name>/\g<party>"),
)

_VIA = re.compile(r"\s*/\s*v[ií]a\s*/\s*|(?:\s*/\s*|\s+|^)v[ií]a\s+", re.IGNORECASE)
_SLASH = re.compile(r"\s*[/／=＝]\s*|\s+[|｜]\s+")
_COMMA = re.compile(r"(\s*[,，、]\s+|\s*[，、]\s*|\s+[-–—]\s+|\s*—\s*)")
_AND = re.compile(r"\s+(?:and|&|und|et|y|e|och|og|ja|и|і)\s+|\s*(?:,\s|[，、])\s*", re.IGNORECASE)


# --------------------------------------------------------------------------------------------------------------- reading


class _Read(NamedTuple):
    chain: Chain
    certain: bool  # it says of itself that it is a credit


def _read(text: str) -> _Read:
    reads = [_read_one(part.strip()) for part in re.split("[;；]", text) if part.strip()]
    creators = [name for read in reads for name in read.creators]
    parties = [party for read in reads for party in read.parties]
    marks = frozenset[str]().union(*(read.marks for read in reads))
    *before, distributor = _once(parties) or [None]
    made = Chain(
        _once(creators),
        before[0] if before else None,
        tuple(party for party in before[1:] if party),
        distributor,
        "pool" in marks,
        "handout" in marks,
    )
    return _Read(made, "certain" in marks)


class _Parts(NamedTuple):
    creators: Sequence[str]
    parties: Sequence[str]
    marks: frozenset[str]


def _read_one(text: str) -> _Parts:
    """One picture's credit: labels off, then via, then slashes and bars, then what commas and dashes hold apart."""
    text, marks = " ".join(text.split()), set[str]()
    for _ in range(_LABELS):
        label = _LABEL.match(text)
        if not label or _is_known(text):
            break
        text = text[label.end() :]
        marks |= (set() if label["bare"] else {"certain"}) | ({"handout"} if label["handout"] else set())
    text = _in_our_order(text)
    legs = [_names(leg) for leg in _VIA.split(text) if leg]
    names = [name for leg in legs for name in leg]
    marks |= _marks(names, text)
    first, *later = [[name for name in leg if not _is_remark(name)] for leg in legs] or [[]]
    creators, parties = _makers(first)
    if len(parties) > 1 and _PICTURES_OF.fullmatch(first[0]):
        later = [*later, [first[0]]]  # "AFP PHOTO / KCNA VIA KNS" is AFP's print of what came by KNS
        parties = parties[1:]
    creators += [name for leg in later for name in leg if _is_placeholder(name)]
    parties += [_party(name) for leg in later for name in leg if not _is_placeholder(name)]
    if not (creators or parties or {"pool", "handout"} & marks):
        marks.discard("certain")  # "(Photo)", "(File photo)"
    return _Parts([one for name in creators for one in _people(name)], parties, frozenset(marks))


def _in_our_order(text: str) -> str:
    """Maker first: "U.S. Navy photo by Jane Doe", "新华社记者 李明 摄"."""
    for form, order in _FORMS:
        if found := form.fullmatch(text):
            return found.expand(order)
    return text


def _names(leg: str) -> list[str]:
    return [one for part in _SLASH.split(leg) for name in _held_apart(part) for one in _freed(name)]


def _held_apart(part: str) -> list[str]:
    """Commas and dashes only part what is known from what is not: "Evan Vucci, File" is two names, "Doe, Jane" one."""
    first, *rest = _COMMA.split(part.strip(" ,，、"))
    names, joined = [first], not _stands_alone(first)
    for separator, name in zip(rest[::2], rest[1::2], strict=True):
        alone = _stands_alone(name)
        if joined and not alone:
            names[-1] += separator + name
        else:
            names.append(name)
        joined = not alone
    return [name for name in names if name]


def _stands_alone(name: str) -> bool:
    return _is_known(name) or _is_remark(name) or _is_placeholder(name) or bool(_POOL_OF.fullmatch(name))


def _freed(name: str) -> list[str]:
    """A name without what stands in one with it: a party in brackets or behind "for", an agency's number, "Pool"."""
    if (found := _BEHIND.fullmatch(name)) and not _is_known(name):
        if any(map(str.isdigit, found["behind"])):
            return _freed(found["name"])
        if _is_known(found["behind"]):
            return [found["name"], found["behind"]]
    if (found := _POOL_OF.fullmatch(name)) and not _is_known(name):
        return [found["name"], found["pool"]]
    maker, behalf, party = name.partition(" for ")
    return [maker, party] if behalf and _is_personal(maker) and not _is_party(maker) and party[:1].isupper() else [name]


def _makers(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Creators and parties of the first leg.

    The maker stands first ("Jane Doe/AP"), unless a provider does ("KEYSTONE/Peter Klaunzer", "dpa | Name").  Of two
    unknown names the one of a single word is taken for the provider ("Acme/John Smith").
    """
    placeholders = [name for name in names if _is_placeholder(name)]
    others = [name for at, name in enumerate(names) if not (_is_placeholder(name) or (at and _is_initials(name)))]
    if not others or placeholders:
        return placeholders, [_party(name) for name in others]
    unknown = [name for name in others if not _is_party(name)]
    people = [name for name in unknown if _is_personal(name)]
    if _is_party(others[0]):
        makers = people[:1]
    elif len(unknown) == len(others):
        makers = people[:1] or unknown[:1]
    else:
        makers = unknown[:1]
    return makers, [_party(name) for name in others if name not in makers]


def _marks(names: Sequence[str], text: str) -> set[str]:
    folded = {name.casefold() for name in names}
    marks = {mark for mark, words in (("pool", _POOL), ("handout", _HANDOUT)) if folded & words}
    lettered = [name for name in names if _is_name(name)]
    told_apart = len(lettered) > 1 and len(lettered) == len(names) and bool(_SLASH.search(text))
    via = bool(_VIA.search(text)) and bool(lettered)
    # "(the pool)" and "(pool)" are water; a credit is written "Pool"
    alone = any(name[:1].isupper() for name in names if name.casefold() in _POOL | _HANDOUT)
    if told_apart or via or alone or any(_is_known(name) for name in names):
        marks.add("certain")
    return marks


def _is_known(name: str) -> bool:
    return _stem(name).casefold() in _PROVIDERS


def _is_remark(name: str) -> bool:
    folded = name.casefold()
    return (folded in _REMARKS or folded in _POOL or folded in _HANDOUT) and folded not in _PLACEHOLDERS


def _is_placeholder(name: str) -> bool:
    return name.casefold() in _PLACEHOLDERS


def _is_initials(name: str) -> bool:
    return bool(_INITIALS.fullmatch(name)) and not _is_known(name)


def _is_party(name: str) -> bool:
    return _is_known(name) or bool(_ACRONYM.fullmatch(name)) or bool(_ORGANISATION.search(name))


def _is_personal(name: str) -> bool:
    return " " in name or bool(_UNSPACED_NAME.fullmatch(name))


def _is_name(name: str) -> bool:
    """Known, or begun like a name: "(left/right)" and "(2019/20)" are no credits."""
    return _is_known(name) or _is_remark(name) or (len(name) > 1 and name[0].isalpha() and not name[0].islower())


def _stem(name: str) -> str:
    """Of a provider's pictures the provider, "AP" for "AP Photo"; any other name as it is."""
    found = _PICTURES_OF.fullmatch(name)
    return found["name"] if found and found["name"].casefold() in _PROVIDERS else name


def _party(name: str) -> str:
    stem = _stem(name)
    return _ALIASES.get(stem.casefold(), stem)


def _people(name: str) -> list[str]:
    """A name by itself has two words or more: "Jane Doe and John Roe" are two people, "Jane and John Doe" one name."""
    names = [one for one in _AND.split(name) if one]
    return names if all(map(_is_personal, names)) else [name]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(name.casefold(), name)
    return tuple(kept.values())


# --------------------------------------------------------------------------------------------------------------- captions

_SENTENCE = 200  # characters: a longer one is no credit
_NAME = 8  # words
_ENDS = re.compile(r"[.!?。！？]\s*|\s*\n\s*")


def _last_sentence(caption: str) -> str | None:
    """The sentence that begins with a label and names whom it promises; "U.S." and "J. Doe" end none."""
    tail = caption[-_SENTENCE:]
    for end in [*_ENDS.finditer(tail)][:-6:-1]:
        text = tail[end.end() :]
        label = _LABEL.match(text)
        if label and not label["bare"]:
            read = _read(text)
            named = [*read.chain.creators, read.chain.distributor or ""]
            return text if read.certain and all(len(name.split()) <= _NAME for name in named) else None
    return None


_OPENING, _CLOSING = "([（［【", ")]）］】"


class _Group(NamedTuple):
    start: int
    end: int
    text: str


def _inside(line: str) -> str:
    """The line without brackets around the whole of it; of several groups, "(STR)(STR/KCNA VIA KNS/AFP)", the last."""
    text = line.strip()
    for _ in range(3):
        groups = _groups(text)
        ends = [0, *(group.end for group in groups)]
        starts = [*(group.start for group in groups), len(text)]
        outside = "".join(text[end:start] for end, start in zip(ends, starts, strict=True))
        if not groups or outside.strip(" ."):
            break
        text = groups[-1].text.strip()
    return text


def _groups(text: str) -> list[_Group]:
    """The outermost bracketed parts."""
    groups, depth, start = [], 0, 0
    for place, character in enumerate(text):
        if character in _OPENING:
            start = start if depth else place
            depth += 1
        elif character in _CLOSING and depth:
            depth -= 1
            if not depth:
                groups.append(_Group(start, place + 1, text[start + 1 : place]))
    return groups
