"""A PDF whose pages are pictures in part or whole, read with what was seen on them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from archive.model.optical import OpticalDocument
from archive.model.reading import Finding, Severity, Table
from archive.reading.files.paragraphs import Line
from archive.reading.files.pdf import covered_pages, opened, page_parts, pdf_blocks
from archive.reading.files.put_together import Part
from archive.reading.files.seen import seen_pages

_NUMBER: Final = re.compile(r"\d{1,12}")
_MOST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturedPdf:
    """Paragraphs and tables in order, and where a text layer and a picture disagree."""

    blocks: list[str | Table]
    findings: list[Finding]


def pdf_with_pictures(body: bytes, optical: OpticalDocument) -> PicturedPdf:
    """A PDF, its pages without a good text layer as they were seen. A page that has text over its
    picture keeps that text. Raises RefusedError as `pdf_blocks` does.
    """
    seen = dict(
        zip((page.page - 1 for page in optical.pages), seen_pages(optical.pages).pages, strict=True)
    )
    covered = [number for number in covered_pages(body) if number in seen]
    findings = [_finding(number, *pair) for number, pair in _layers(body, covered, seen)]
    shown = {number: parts for number, parts in seen.items() if number not in covered}
    return PicturedPdf(
        blocks=pdf_blocks(body, shown), findings=[each for each in findings if each is not None]
    )


def _layers(
    body: bytes, covered: Sequence[int], seen: dict[int, list[Part]]
) -> Iterator[tuple[int, tuple[Counter[str], Counter[str]]]]:
    with opened(body) as document:
        for number in covered:
            layer = page_parts(document[number], number)
            yield number, (_numbers(layer), _numbers(seen[number]))


def _numbers(parts: Sequence[Part]) -> Counter[str]:
    """The numbers of a page, however often each."""
    texts = (
        text
        for part in parts
        for text in ([part.text] if isinstance(part, Line) else [box.text for box in part.boxes])
    )
    return Counter(number for text in texts for number in _NUMBER.findall(text))


def _finding(number: int, layer: Counter[str], picture: Counter[str]) -> Finding | None:
    if layer == picture:
        return None
    only = [
        f"{where} {', '.join(list(rest.elements())[:_MOST])}"
        for where, rest in (("text:", layer - picture), ("picture:", picture - layer))
        if rest
    ]
    return Finding(
        rule="layers_disagree",
        severity=Severity.WARNING,
        message=f"page {number + 1}: its text layer and its picture give other numbers",
        evidence="; ".join(only),
    )
