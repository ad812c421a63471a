"""Pictures that a report was read from, beside what was read: boxes of figures, and how sure each
is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from archive.model.optical import Certainty
from archive.model.reading import Figure
from archive.store.query.optical import SeenVersion
from archive.store.write.optical_documents import unpack_document
from archive.web.doubts import Place, anchor, place_of

MAX_PAGES: Final = 60
MAX_BOXES: Final = 4_000
SIGNS: Final = {
    Certainty.CONFIRMED: "✓",
    Certainty.CONTRADICTED: "✗",
    Certainty.UNCONFIRMED: "?",
}
"""How a page marks each certainty, beside its word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBox:
    """A figure on a picture. name: as a URL names it behind #. cell: of its cell in the text; ""
    where it stands in no table. x … height: ten-thousandths of the page's width and height.
    """

    name: str
    cell: str
    printed: str
    certainty: Certainty
    confidence: float
    x: int
    y: int
    width: int
    height: int

    @property
    def sign(self) -> str:
        """Its mark."""
        return SIGNS[self.certainty]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenPage:
    """A page of the pictures, from 1. width, height: pixels, as it was looked at."""

    number: int
    width: int
    height: int
    boxes: tuple[SeenBox, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenReport:
    """A report that was read from pictures. cells: the boxes by the place of their cell. figures:
    the boxes by position. counts: how many figures are how sure.
    """

    engine: str
    pages: tuple[SeenPage, ...]
    cells: Mapping[Place, SeenBox]
    figures: Mapping[int, SeenBox]
    counts: Mapping[Certainty, int]


def seen_report(seen: SeenVersion, figures: Sequence[Figure]) -> SeenReport:
    """What a page shows of a version that was read from pictures. DamageError: what was kept of
    them is damaged.
    """
    document = unpack_document(seen.document.packed)
    boxes: dict[int, SeenBox] = {}
    cells: dict[Place, SeenBox] = {}
    on_page: dict[int, list[SeenBox]] = {}
    for position, each in list(seen.figures.items())[:MAX_BOXES]:
        figure, box = figures[position], each.place.box
        place = place_of(figure.where)
        made = boxes[position] = SeenBox(
            name=f"b{position}", cell=anchor(place), printed=figure.printed[:100],
            certainty=each.certainty, confidence=each.place.confidence,
            x=box.x, y=box.y, width=box.width, height=box.height,
        )  # fmt: skip
        on_page.setdefault(box.page, []).append(made)
        if place is not None:
            cells[place] = made
    sure = [each.certainty for each in seen.figures.values()]
    return SeenReport(
        engine=document.engine,
        pages=tuple(
            SeenPage(
                number=number, width=page.width, height=page.height,
                boxes=tuple(on_page.get(number, ())),
            )
            for number, page in enumerate(document.pages[:MAX_PAGES], 1)
        ),
        cells=cells,
        figures=boxes,
        counts={certainty: sure.count(certainty) for certainty in Certainty},
    )  # fmt: skip


def box_rules(report: SeenReport) -> Iterator[str]:
    """CSS that shows the box of a number under the pointer or the keyboard's focus, and the cell of
    a box under the pointer: names are made of digits alone.
    """
    for box in report.figures.values():
        if box.cell:
            yield (
                f".beside:has(#{box.cell}:is(:hover, :focus-within)) #{box.name}"
                " { fill-opacity: 0.35; stroke-width: 3; }"
            )
            lies_on = f".beside:has(#{box.name}:hover) #{box.cell}"
            yield f"{lies_on} {{ outline: 3px solid var(--seal); }}"
