"""The rows and cells that belong to a <table> itself, not to tables nested in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from lxml.html import HtmlElement

from archive.reading.html.celltext import cell_text, is_hidden

_GROUPS = frozenset({"thead", "tbody", "tfoot"})
_CELLS = frozenset({"td", "th"})
_ROWS = _CELLS | {"tr"}
_OTHER = frozenset({"table", "caption", "colgroup", "script", "style", "template"})

Claim: TypeAlias = tuple[str | None, str | None, bool]
"""The colspan and the rowspan that a cell claims, and whether it is a <th>."""

_NOTHING: tuple[Claim, Claim] = (None, None, False), (None, None, True)


@dataclass(slots=True, kw_only=True)
class Row:
    """The visible cells of a <tr> (or of stray cells outside one), the text of each, the spans that
    each claims, and the number of the row's group. cells: () where a plan told the rest. Never
    changed, but not frozen: a report has fifty.
    """

    cells: Sequence[HtmlElement]
    texts: list[str]
    claims: tuple[Claim, ...]
    group: int


def own_rows(table: HtmlElement) -> Iterator[Row]:
    """The visible rows of a <table> in document order; cells outside any row make rows too."""
    group = 0
    stray: list[HtmlElement] = []
    for node in _own(table, stop=_ROWS):
        if node.tag in _CELLS:
            stray.append(node)
            continue
        if stray:
            yield _row(stray, group)
            stray = []
        if node.tag == "tr":
            yield _row(_cells_of(node), group)
        elif node.tag in _GROUPS:
            group += 1
    if stray:
        yield _row(stray, group)


def _row(cells: list[HtmlElement], group: int) -> Row:
    return Row(
        cells=cells,
        texts=[cell_text(cell) for cell in cells],
        claims=tuple([_claim(cell) for cell in cells]),
        group=group,
    )


def _claim(cell: HtmlElement) -> Claim:
    names = cell.keys()
    if not names:
        return _NOTHING[cell.tag == "th"]
    colspan = cell.get("colspan") if "colspan" in names else None
    rowspan = cell.get("rowspan") if "rowspan" in names else None
    return colspan, rowspan, cell.tag == "th"


def _cells_of(row: HtmlElement) -> list[HtmlElement]:
    cells = []
    for child in row:
        if child.tag not in _CELLS:
            return [node for node in _own(row, stop=_CELLS) if node.tag in _CELLS]
        if not is_hidden(child):
            cells.append(child)
    return cells


def _own(node: HtmlElement, stop: frozenset[str]) -> Iterator[HtmlElement]:
    """Descendants in document order; does not go into `stop` tags, nested tables, hidden parts."""
    stack: list[HtmlElement] = list(reversed(node))
    while stack:
        child = stack.pop()
        tag = child.tag
        if not isinstance(tag, str) or is_hidden(child):
            continue
        yield child
        if tag not in stop and tag not in _OTHER:
            stack.extend(reversed(child))
