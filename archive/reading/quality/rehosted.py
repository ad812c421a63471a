"""Signs that a page is somebody else's copy, or that a stranger wrote into it.

A copy on a document farm is not official: two different marks of a farm prove it. A host alone
proves nothing; words of betting sites are a finding and leave the page what it is.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from urllib.parse import urlsplit

from archive.codebook.divisions import division, related
from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Field, Finding, Severity
from archive.reading.html.blocks import Block
from archive.reading.metadata.identity import division_of_site
from archive.reading.values.index_number import division_of

_SCRAP = 40
_CONVERTED_MARKS = 2
_FEW_PAGES = 3
_LEVELS = ("provinces", "prefectures", "counties")
_DOMAIN = re.compile(r"(?<![a-z0-9-])[a-z0-9-]+(?:\.[a-z0-9-]+){1,6}")
_FARM_MARKS = 2
_PINYIN_MARKS = 3
_SPELLED = re.compile(r"\([a-z\u00e0-\u01dc]")  # in every mark of pinyin


def without_page_numbers(lines: Sequence[str]) -> tuple[str, ...]:
    """The lines of a document farm's copy without the numbers that it puts before each page of a
    document, in the middle of words (11、、物权); unchanged where such numbers do not count up.

    >>> without_page_numbers(["1、汇报。加强组", "2、织保障。1、领导", "3、重视", "完"])
    ('汇报。加强组', '织保障。1、领导', '重视', '完')
    """
    found: list[str] = []
    page = 1
    for line in lines:
        number = f"{page}、"
        page += line.startswith(number)
        found.append(line.removeprefix(number))
    return tuple(found) if page > _FEW_PAGES else tuple(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Who a page says it is: its identity marks and the organ's index number; and the place that
    the catalogue gives its portal. None: not said.
    """

    identity: tuple[Field, ...]
    index_number: str | None = None
    portal_division: str | None = None


def farm_marks(lines: Sequence[Block]) -> tuple[str, ...]:
    """What a document farm prints around other people's documents, one piece for each mark met."""
    text = "".join([squeezed(line.text) for line in lines])[:400_000]
    hits = (pattern.search(text) for pattern in phrases().farm)
    return tuple(hit.group(0)[:40] for hit in hits if hit)


def is_farm(marks: Sequence[str]) -> bool:
    """True when the marks suffice to call the page a document farm's copy."""
    return len(marks) >= _FARM_MARKS


def rehosted_findings(
    marks: Sequence[str], lines: Sequence[Block], url: str, claims: Claims
) -> tuple[Finding, ...]:
    """Findings `rehosted_copy`: farm marks, pinyin behind characters, characters that only a
    converter writes, a site that stands elsewhere than it says, marks of two places.
    """
    found = []
    if is_farm(marks):
        found.append(_copy(Severity.ERROR, "a document farm's copy", " / ".join(marks)))
    text = "".join([squeezed(line.text) for line in lines[:400]])
    mirror = phrases().mirror if _SPELLED.search(text) else ()
    pinyin = [hit.group(0) for p in mirror for hit in p.finditer(text)]
    if len(pinyin) >= _PINYIN_MARKS:
        found.append(_copy(Severity.ERROR, "pinyin behind characters", " ".join(pinyin[:5])))
    converted = set(phrases().converted.findall(text))
    if len(converted) >= _CONVERTED_MARKS:
        message = "converted to traditional characters by a program that errs"
        found.append(_copy(Severity.WARNING, message, " ".join(sorted(converted))))
    found.extend(_elsewhere(url, claims))
    found.extend(_two_places(url, claims))
    return tuple(found)


def hijack_findings(
    lines: Iterable[Block], title: str | None, unseen: Sequence[str]
) -> tuple[Finding, ...]:
    """Finding `hijack_words`: words of betting or pornography where a government says nothing of
    the kind. `unseen`: names, descriptions and links that the page carries and need not show.
    """
    texts = [(title or "", True), *((line.text, line.linked) for line in lines)]
    if not _speaks_of_vice("\n".join([text for text, _ in texts])):
        texts.clear()
    if _speaks_of_vice("\n".join(unseen)):
        texts += [(text, True) for text in unseen]
    evidence = [shown for text, is_scrap in texts if (shown := _hijacked(text, is_scrap=is_scrap))]
    if not evidence:
        return ()
    return (
        Finding(
            rule="hijack_words",
            severity=Severity.WARNING,
            message="words of betting or pornography sites stand on the page",
            evidence=" / ".join(dict.fromkeys(evidence))[:400],
        ),
    )


def _speaks_of_vice(text: str) -> bool:
    return bool(phrases().brands.search(text) or phrases().vices.search(text))


def _hijacked(text: str, *, is_scrap: bool) -> str | None:
    """The words around a brand, or around a vice that stands in a scrap and is not fought there."""
    book = phrases()
    hit = book.brands.search(text)
    if hit is None and (is_scrap or len(text) <= _SCRAP) and "。" not in text:
        hit = book.vices.search(text)
        if hit is not None and book.against.search(text):
            return None
    return text[max(hit.start() - 20, 0) : hit.end() + 20] if hit else None


def _elsewhere(url: str, claims: Claims) -> Iterable[Finding]:
    """A page that calls a gov.cn domain its own and stands outside of gov.cn may be a mirror. A
    bare IP address is none: portals answer under theirs.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    own = _DOMAIN.findall(_mark(claims.identity, "site_domain").lower())
    outside = "." in host and not host.endswith((".gov.cn", *own)) and not host[-1].isdigit()
    if outside and any(name.endswith(".gov.cn") for name in own):
        message = "the page names another domain as its own"
        yield _copy(Severity.WARNING, message, f"{host}: {', '.join(own)}")


def _two_places(url: str, claims: Claims) -> Iterable[Finding]:
    """The site's code, its police number, the organ's code and the catalogue name one place, or
    places of which one lies in the other or became it; else the page may be a mirror, carry a
    template's leftover, or stand under a name that two places share.
    """
    codes = {
        "标识码": division_of_site(claims.identity),
        "公安备案": _mark(claims.identity, "police")[:6],
        "索引号": division_of(claims.index_number or ""),
        "catalogue": claims.portal_division,
    }
    known = {mark: place for mark, code in codes.items() if code and (place := _place(code))}
    apart = [
        (one, other)
        for one, other in combinations(known, 2)
        if not related(known[one], known[other])
    ]
    if apart:
        level = min((_apart(known[one], known[other]) for one, other in apart), key=_LEVELS.index)
        named = sorted({mark for pair in apart for mark in pair}, key=list(known).index)
        shown = ", ".join(f"{mark} {codes[mark]}" for mark in named)
        evidence = f"{urlsplit(url).hostname}: {shown}"
        yield _copy(Severity.INFO, f"identity marks name different {level}", evidence)


def _place(code: str) -> str | None:
    """The smallest division that a code names; codes of zones name the place around them."""
    return next((c for c in (code, code[:4] + "00", code[:2] + "0000") if division(c)), None)


def _apart(one: str, other: str) -> str:
    return _LEVELS[0 if one[:2] != other[:2] else 1 if one[:4] != other[:4] else 2]


def _mark(identity: tuple[Field, ...], name: str) -> str:
    return next((field.value or "" for field in identity if field.name == name), "")


def _copy(severity: Severity, message: str, evidence: str) -> Finding:
    return Finding(
        rule="rehosted_copy", severity=severity, message=message, evidence=evidence[:400]
    )
