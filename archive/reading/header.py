"""The catalogue header of a page (索引号, 发文机关, …) in every layout seen, and where it stands.

A box is the smallest element that shows two strong labels: a table with label and value cells, a
list of ``label：value``, dl/dt/dd, paragraphs, or one line joined with bars. Column heads of a
list (labels side by side, no values) are no box.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.codebook.labels import label_hits, label_of
from archive.reading.blocks import Block, blocks
from archive.reading.pairs import Pair, pairs_of_row

_MOST_BOX_CHARACTERS = 1500
_MOST_BOX_ROWS = 40
_MOST_CLIMB = 6
_MOST_SEED_CHARACTERS = 400
_CONTAINERS = ("table", "ul", "dl", "div", "td", "p", "section", "ol", "tbody", "center", "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A header box: its element and its pairs in printed order."""

    element: HtmlElement
    pairs: tuple[Pair, ...]


def find_boxes(lines: Iterable[Block], known: Iterable[HtmlElement] = ()) -> tuple[Box, ...]:
    """The header boxes among the lines of a page; `known` are elements that a family's selectors
    name, which need only one label.
    """
    found: dict[HtmlElement, Box] = {}
    for element in known:
        if (box := _box(element)) and _strong(box.pairs) >= 1:
            found.setdefault(element, box)
    for seed in _seeds(lines):
        if not any(_within(seed, element) for element in found):
            box = _grown(seed)
            if box is not None:
                found[box.element] = box
    return tuple(_outermost(found.values()))


def _seeds(lines: Iterable[Block]) -> Iterator[HtmlElement]:
    for line in lines:
        if len(line.text) <= _MOST_SEED_CHARACTERS and _names_label(line.text):
            yield line.element


def _names_label(text: str) -> bool:
    """True when the line is a strong label, or holds one (with a colon, or as its first word)."""
    first = label_of(text if len(text) <= 12 else text.split(" ", 1)[0])
    if first is not None and first.strong:
        return True
    return any(hit.strong for hit in map(label_of, (h.label for h in label_hits(text))) if hit)


def _grown(seed: HtmlElement) -> Box | None:
    """Climbs from a label to the smallest element with two strong labels, then on while the
    element around holds more pairs and still nothing but a box.
    """
    best: Box | None = None
    element: HtmlElement | None = seed
    for _ in range(_MOST_CLIMB):
        if element is None or element.tag == "body":
            break
        box = _box(element) if element.tag in _CONTAINERS else None
        if element.tag in _CONTAINERS and box is None:
            break
        if box is not None and _is_filled(box) and _denser(box, best):
            best = box
        element = element.getparent()
    return best


def _denser(box: Box, best: Box | None) -> bool:
    return best is None or len(box.pairs) > len(best.pairs)


def _is_filled(box: Box) -> bool:
    return _strong(box.pairs) >= 2 and any(pair.value for pair in box.pairs)


def _strong(pairs: Iterable[Pair]) -> int:
    return len({pair.label for pair in pairs if pair.known and pair.known.strong})


def _box(element: HtmlElement) -> Box | None:
    """The element as a box; None when it is too big, a list's heading row, or mostly text."""
    rows = list(_rows(element))
    text = sum(len(cell) for row in rows for cell in row)
    if not rows or len(rows) > _MOST_BOX_ROWS or text > _MOST_BOX_CHARACTERS:
        return None
    if any(_is_heading_row(row) for row in rows):
        return None
    pairs: list[Pair] = []
    for row in rows:
        pairs.extend(pairs_of_row(row))
    covered = sum(len(pair.label) + len(pair.value) + 1 for pair in pairs)
    if text and covered < 0.6 * _squeezed(rows):
        return None
    return Box(element=element, pairs=tuple(pairs))


def _squeezed(rows: list[list[str]]) -> int:
    return sum(len(cell.replace(" ", "")) for row in rows for cell in row)


def _is_heading_row(row: list[str]) -> bool:
    return len(row) >= 3 and all(label_of(cell) is not None for cell in row)


def _rows(element: HtmlElement) -> Iterator[list[str]]:
    """Rows of cells: table rows as they stand (empty cells kept), everything else as a run of
    lines in which a label may stand on its own.
    """
    if element.tag in ("tbody", "table"):
        tables = [element]
    else:
        tables = list(element.iter("table"))
    if not tables:
        lines = [line.text for line in blocks(element)]
        yield from [lines] if lines else []
        return
    if element not in tables:
        yield from _lines_outside(element)
    for table in tables:
        for row in table.iter("tr"):
            if not any(True for _ in row.iter("table")):
                yield [" ".join(b.text for b in blocks(cell)) for cell in row if cell.tag in "tdth"]


def _lines_outside(element: HtmlElement) -> Iterator[list[str]]:
    lines = [
        block.text
        for block in blocks(element, replaced=lambda inner: inner.tag == "table")
        if block.text
    ]
    if lines:
        yield lines


def _within(element: HtmlElement, outer: HtmlElement) -> bool:
    return element is outer or any(ancestor is outer for ancestor in element.iterancestors())


def _outermost(boxes: Iterable[Box]) -> Iterator[Box]:
    kept = list(boxes)
    for box in kept:
        others = (other for other in kept if other is not box)
        if not any(_within(box.element, other.element) for other in others):
            yield box
