"""The catalogue header of a page (索引号, 发文机关, …) in every layout seen, and where it stands.

A box is the smallest element that shows two strong labels: a table with label and value cells, a
list of ``label：value``, dl/dt/dd, paragraphs, or one line joined with bars. Column heads of a
list (labels side by side, no values) are no box.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, takewhile

from lxml.html import HtmlElement

from archive.codebook.labels import label_hits, label_of
from archive.reading.html.blocks import SEAM, Block, blocks
from archive.reading.html.survey import Survey, lies_in, weight_of
from archive.reading.metadata.label_rows import is_linked, paired_rows
from archive.reading.values.pairs import Pair, begins_label, has_colon, pairs_of_row

_LABELLIKE = re.compile(r"[\u4e00-\u9fff]{2,8}")
_MAY_TELL = frozenset(f":：﹕|｜ {SEAM}")
_MAX_BOX_CHARACTERS = 1500
_MAX_BOX_ROWS = 40
_MAX_ELEMENTS = 250
_MAX_LINES = 400
_FULL = (4, 4)
_SENTENCE = 20
_MAX_LABELS = 80  # characters
_MIN_LABELS = 2
_MAX_CLIMB = 6
_MAX_SEED_CHARACTERS = 400
_CONTAINERS = ("table", "ul", "dl", "div", "td", "p", "section", "ol", "tbody", "center", "form")


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A header box: its pairs in printed order, and the element that is the box; None when the
    box is a run of `lines` inside something bigger.
    """

    element: HtmlElement | None
    pairs: tuple[Pair, ...]
    lines: tuple[Block, ...] = ()


def find_boxes(page: Survey, known: Iterable[HtmlElement] = ()) -> tuple[Box, ...]:
    """The header boxes of a page; `known` are elements that a family's selectors
    name, which need only one label.
    """
    found = {element: box for element in known if (box := _box(element)) and _strong(box.pairs)}
    tried: set[HtmlElement] = set()
    for seed, is_above in _seeds(page.lines):
        if seed not in tried and not lies_in(seed, found.keys()):
            tried.add(seed)
            box = _grown(page, seed, is_above=is_above)
            if box is not None and box.element is not None:
                found[box.element] = box
    boxes = tuple(_outermost(found))
    if _worth(boxes) >= _FULL and all(element.tag != "p" for element in found):
        return boxes
    runs = tuple(_runs(page.lines))
    if _worth(runs) <= _worth(boxes):
        return boxes
    labels = {pair.label for run in runs for pair in run.pairs}
    return (*runs, *(box for box in boxes if any(pair.label not in labels for pair in box.pairs)))


def _worth(boxes: Iterable[Box]) -> tuple[int, int]:
    """How many values boxes give, then how many labels."""
    pairs = [pair for box in boxes for pair in box.pairs]
    return sum(bool(pair.value) for pair in pairs), len(pairs)


def _runs(lines: Sequence[Block]) -> Iterator[Box]:
    """Lines one after another that are nothing but labels and values (no element around them)."""
    run: list[Block] = []
    pairs: list[Pair] = []
    for line in (*lines[:_MAX_LINES], None):
        found = _pairs_of_line(line) if line is not None else ()
        if line is not None and found:
            run.append(line)
            pairs.extend(found)
            continue
        if not run:
            continue
        box = Box(element=None, pairs=tuple(pairs), lines=tuple(run))
        if _is_filled(box):
            yield box
        run.clear()
        pairs.clear()


def _pairs_of_line(line: Block) -> tuple[Pair, ...]:
    """The pairs of a line that is nothing but known labels and their values."""
    if not line.text or len(line.text) > _MAX_SEED_CHARACTERS or "。" in line.text:
        return ()
    if line.linked or _MAY_TELL.isdisjoint(line.marked):
        return ()
    pairs = tuple(pairs_of_row([line.marked]))
    if not any(pair.known and pair.known.strong for pair in pairs):
        return ()
    covered = sum(len(pair.label) + len("".join(pair.value.split())) + 1 for pair in pairs)
    return pairs if covered >= 0.8 * len("".join(line.text.replace("|", "").split())) else ()


def _seeds(lines: Iterable[Block]) -> Iterator[tuple[HtmlElement, bool]]:
    """The elements of lines that name a strong label; whether no sentence stands before them."""
    is_above = True
    for line in lines:
        if len(line.text) <= _MAX_SEED_CHARACTERS and _names_label(line.text, line.marked):
            yield line.element, is_above
        elif is_above and "。" in line.text and weight_of(line) >= _SENTENCE:
            is_above = False


@lru_cache(maxsize=2048)
def _names_label(text: str, marked: str) -> bool:
    """True when a line is a strong label, or holds one (with a colon, or as its first word or
    text node). A portal prints most of its short lines on every page.
    """
    first = label_of(text if len(text) <= 12 else text.split(" ", 1)[0])
    if first is None and SEAM in marked:
        first = label_of(marked.lstrip(f" \t\r\n{SEAM}").split(SEAM, 1)[0])
    if first is not None and first.strong:
        return True
    return any(hit.strong for hit in map(label_of, (h.label for h in label_hits(text))) if hit)


def _grown(page: Survey, seed: HtmlElement, *, is_above: bool) -> Box | None:
    """Climbs from a label to the smallest element with two strong labels, then on while the
    element around holds more pairs and still nothing but a box.
    """
    best: Box | None = None
    element: HtmlElement | None = seed
    for _ in range(_MAX_CLIMB):
        if element is None or page.size.get(element, 0) > _MAX_BOX_CHARACTERS:
            break
        box = _box(element, is_above=is_above) if element.tag in _CONTAINERS else None
        if element.tag in _CONTAINERS and box is None and not _is_only_labels(page, element):
            break
        if (
            box is not None
            and _is_filled(box)
            and (best is None or len(box.pairs) > len(best.pairs))
        ):
            best = box
        if element.tag == "body":
            break
        element = element.getparent()
    return best


def _is_only_labels(page: Survey, element: HtmlElement) -> bool:
    """Whether the element is a row of labels: their values may stand beside it."""
    if element.tag in ("td", "table", "tbody") or page.size.get(element, 0) > _MAX_LABELS:
        return False
    return all(label_of(line.text) is not None for line in blocks(element))


def _is_filled(box: Box) -> bool:
    return _strong(box.pairs) >= 2 and any(pair.value for pair in box.pairs)


def _strong(pairs: Iterable[Pair]) -> int:
    return len({pair.label for pair in pairs if pair.known and pair.known.strong})


def _box(element: HtmlElement, *, is_above: bool = True) -> Box | None:
    """The element as a box; None when it is too big, a list's heading row, or mostly text.
    `is_above`: no sentence stands before it, so that labels in one row may name values in the next.
    """
    if len(list(islice(element.iter(), _MAX_ELEMENTS))) == _MAX_ELEMENTS:
        return None
    rows = list(_rows(element))
    text = sum(len(cell) for row in rows for cell in row)
    if not rows or len(rows) > _MAX_BOX_ROWS or text > _MAX_BOX_CHARACTERS:
        return None
    paired = paired_rows(rows) if is_above and not is_linked(element) else None
    rows = paired or ([_labelled(row) for row in rows] if _draws_rows(element) else rows)
    if not paired and any(
        len(row) >= 3 and all(label_of(cell) is not None for cell in row) for row in rows
    ):
        return None
    pairs: list[Pair] = []
    tells_inside = any(begins_label(cell) for row in rows for cell in row)
    for row in rows:
        pairs.extend(pairs_of_row(row, tells_inside=tells_inside))
    covered = sum(len(pair.label) + len(pair.value) + 1 for pair in pairs)
    if text and covered < 0.6 * sum(
        len(cell.replace(" ", "").replace(SEAM, "")) for row in rows for cell in row
    ):
        return None
    return Box(element=element, pairs=tuple(pairs))


def _draws_rows(element: HtmlElement) -> bool:
    return element.tag in ("tbody", "table") or next(element.iter("table"), None) is not None


def _rows(element: HtmlElement) -> Iterator[list[str]]:
    """Rows of cells: table rows as they stand (empty cells kept), everything else as a run of
    lines in which a label may stand on its own.
    """
    tables = [element] if element.tag in ("tbody", "table") else list(element.iter("table"))
    if not tables:
        yield from _rows_side_by_side(element) or _entries(element)
        return
    if element.tag not in ("tbody", "table"):
        yield from _lines_outside(element)
    for table in tables:
        for row in table.iter("tr"):
            if not any(True for _ in row.iter("table")):
                cells = [cell for cell in row if cell.tag in ("td", "th")]
                lists = [
                    cell
                    for cell in cells
                    if next(cell.iter("dt", "li"), None) is not None and len(blocks(cell)) > 1
                ]
                yield [_cell(cell) for cell in cells if cell not in lists]
                for cell in lists:
                    yield from _entries(cell)


def _cell(cell: HtmlElement) -> str:
    return f" {SEAM}".join(_with_seams(line) for line in blocks(cell))


def _rows_side_by_side(element: HtmlElement) -> list[list[str]]:
    """The children of an element as rows of cells where no table draws them: several with as many
    children each, the first of them all labels; else empty.
    """
    rows = [list(child) for child in element]
    width = len(rows[0]) if rows else 0
    if width < _MIN_LABELS or len(rows) % 2 or any(len(row) > width for row in rows):
        return []
    texts = [[_cell(cell) for cell in row] for row in rows]
    return texts if all(label_of(cell) for cell in texts[0]) else []


def _entries(element: HtmlElement) -> Iterator[list[str]]:
    """A run of lines; one for each entry where entries of a list hold label and value."""
    lines = blocks(element)
    entries = [[_with_seams(line) for line in entry] for entry in _grouped(lines, element)]
    if any(_tells_a_pair(entry) for entry in entries):
        yield from map(_entry, entries)
    elif lines:
        yield [_with_seams(line) for line in lines]


def _grouped(lines: Iterable[Block], box: HtmlElement) -> list[list[Block]]:
    """The lines by entry: a list item is one, and a <dt> with what follows it; a line elsewhere is
    one of its own.
    """
    entries: list[list[Block]] = []
    last: HtmlElement | None = None
    for line in lines:
        begun = _entry_of(line.element, box)
        goes_on = begun is last if begun is not None else last is not None and last.tag == "dt"
        if not goes_on:
            entries.append([])
            last = begun
        entries[-1].append(line)
    return entries


def _entry_of(inner: HtmlElement, box: HtmlElement) -> HtmlElement | None:
    """The list item inside the box that an element stands in, or the <dt>; None for neither."""
    around = list(takewhile(lambda outer: outer is not box, (inner, *inner.iterancestors())))
    found = [each for tag in ("li", "dt") for each in around if each.tag == tag]
    return found[0] if found else None


def _tells_a_pair(entry: Sequence[str]) -> bool:
    return begins_label(entry[0]) or (len(entry) > 1 and label_of(entry[0]) is not None)


def _entry(lines: list[str]) -> list[str]:
    """An entry of a list; a label that no codebook knows gets a colon before its value."""
    first = lines[0]
    if len(lines) == 2 and _LABELLIKE.fullmatch(first) and label_of(first) is None:
        return [f"{first}：", lines[1]]
    return lines


def _with_seams(line: Block) -> str:
    """The line; where no colon parts label and value, with the seams between its text nodes."""
    return line.text if has_colon(line.text) else line.marked


def _labelled(row: list[str]) -> list[str]:
    """A row in which labels and values take turns: a label that no codebook knows gets a colon, so
    that it is read as one (效力状况 | 有效 between known labels).
    """
    if len(row) % 2 or any(label_of(cell) for cell in row[1::2]):
        return row
    if len(row) > 2 and not any(label_of(cell) for cell in row[::2]):
        return row
    names = [f"{c}：" if _LABELLIKE.fullmatch(c) and not label_of(c) else c for c in row[::2]]
    return [cell for pair in zip(names, row[1::2], strict=True) for cell in pair]


def _lines_outside(element: HtmlElement) -> Iterator[list[str]]:
    lines = [
        block.text
        for block in blocks(element, replaced=lambda inner: inner.tag == "table")
        if block.text
    ]
    if lines:
        yield lines


def _outermost(found: Mapping[HtmlElement, Box]) -> Iterator[Box]:
    for element, box in found.items():
        if not any(outer in found for outer in element.iterancestors()):
            yield box
