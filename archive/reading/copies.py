"""Signs that a page is somebody else's copy, or that a stranger wrote into it.

A copy on a document farm is not official: two different marks of a farm prove it. A host alone
proves nothing; words of betting sites are a finding and leave the page what it is.
"""

from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Field, Finding, Severity
from archive.reading.blocks import Block
from archive.reading.identity import division_of_site
from archive.reading.numbering import division_of

_SCRAP = 40
_FARM_MARKS = 2
_PINYIN_MARKS = 3


def farm_marks(lines: Sequence[Block]) -> tuple[str, ...]:
    """What a document farm prints around other people's documents, one piece for each mark met."""
    text = squeezed(" ".join(line.text for line in lines if line.text))[:400_000]
    hits = (pattern.search(text) for pattern in phrases().farm)
    return tuple(hit.group(0)[:40] for hit in hits if hit)


def is_farm(marks: Sequence[str]) -> bool:
    """True when the marks suffice to call the page a document farm's copy."""
    return len(marks) >= _FARM_MARKS


def copy_findings(
    marks: Sequence[str],
    lines: Sequence[Block],
    address: str,
    identity: tuple[Field, ...],
    index_number: str | None,
) -> tuple[Finding, ...]:
    """Findings `rehosted_copy`: farm marks, pinyin behind characters, marks of two places."""
    found = []
    if is_farm(marks):
        found.append(_copy(Severity.ERROR, "a document farm's copy", " / ".join(marks)))
    text = squeezed(" ".join(line.text for line in lines[:400]))
    pinyin = [hit.group(0) for p in phrases().mirror for hit in p.finditer(text)]
    if len(pinyin) >= _PINYIN_MARKS:
        found.append(_copy(Severity.ERROR, "pinyin behind characters", " ".join(pinyin[:5])))
    found.extend(_two_places(address, identity, index_number))
    return tuple(found)


def hijack_findings(
    lines: Iterable[Block], title: str | None, names: Iterable[str]
) -> tuple[Finding, ...]:
    """Finding `hijack_words`: words of betting or pornography where a government says nothing of
    the kind. `names`: site and column names of the page.
    """
    book = phrases()
    evidence = [
        text[:120]
        for text in (title or "", *names)
        if book.brands.search(text) or book.vices.search(text)
    ]
    for line in lines:
        hit = book.brands.search(line.text)
        if hit is None and (line.linked or len(line.text) <= _SCRAP):
            hit = book.vices.search(line.text) if "。" not in line.text else None
        if hit is not None:
            start = max(hit.start() - 20, 0)
            evidence.append(line.text[start : hit.end() + 20])
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


def _two_places(
    address: str, identity: tuple[Field, ...], index_number: str | None
) -> Iterable[Finding]:
    """The site's code, its police number and the organ's code name one province, or else the page
    may be a mirror or carry a template's leftover.
    """
    site = division_of_site(identity)
    police = next((field.value or "" for field in identity if field.name == "police"), "")
    organ = division_of(index_number or "") or ""
    others = [code for code in (police[:6], organ) if code]
    if site and any(code[:2] != site[:2] for code in others):
        evidence = f"{urlsplit(address).hostname}: {site}, {', '.join(others)}"
        yield _copy(Severity.INFO, "identity marks name different provinces", evidence)


def _copy(severity: Severity, message: str, evidence: str) -> Finding:
    return Finding(
        rule="rehosted_copy", severity=severity, message=message, evidence=evidence[:400]
    )
