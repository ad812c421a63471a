"""Word files (.docx): paragraphs and tables in order, from the XML itself (ECMA-376 part 1, 17).

Deleted text (w:del) and hidden runs (w:vanish) are not read; of mc:AlternateContent one side is.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from archive.model.reading import Cell, Table
from archive.reading.files.markup import attribute, child, children, local, parsed
from archive.reading.files.numbered import Numbering
from archive.reading.files.packed import Packed
from archive.reading.files.refusal import RefusedError
from archive.reading.html.celltext import folded
from archive.reading.html.grid import MAX_SLOTS

_DOCUMENT: Final = "word/document.xml"
_RELATIONS: Final = "word/_rels/document.xml.rels"
_SHOWN: Final = ("{*}blip", "{*}imagedata")
_SILENT: Final = frozenset({"del", "moveFrom", "rPr", "pPr", "instrText", "delText", "Fallback"})
_WRAPPERS: Final = frozenset(
    {"sdt", "sdtContent", "customXml", "smartTag", "ins", "moveTo", "AlternateContent", "Choice"}
)
_BREAKS: Final = {"br": "\v", "cr": "\v", "tab": " ", "noBreakHyphen": "-"}
_MAX_SPAN: Final = 200
_OFF: Final = frozenset({"0", "false", "off"})


def docx_blocks(body: bytes) -> list[str | Table]:
    """Paragraphs and tables of a Word file. Raises RefusedError when it cannot be read, or holds
    nothing but pictures.
    """
    packed = Packed(body)
    names = {name.lower(): name for name in packed.names}
    root = parsed(packed.read(names.get(_DOCUMENT, _DOCUMENT)), _DOCUMENT)
    numbering = Numbering.of(packed)
    holder = child(root, "body")
    blocks = [] if holder is None else list(_blocks(holder, numbering))
    if not blocks and next(root.iter(*_SHOWN), None) is not None:
        raise RefusedError("image_only", "the Word file holds pictures and no text")
    return blocks


def docx_pictures(body: bytes) -> Iterator[bytes]:
    """The pictures of a Word file in the order its text shows them. Raises RefusedError."""
    packed = Packed(body)
    names = {name.lower(): name for name in packed.names}
    root = parsed(packed.read(names.get(_DOCUMENT, _DOCUMENT)), _DOCUMENT)
    relations = names.get(_RELATIONS)
    if relations is None:
        return
    targets = {
        attribute(each, "Id"): attribute(each, "Target") or ""
        for each in parsed(packed.read(relations), _RELATIONS).iter("{*}Relationship")
    }
    shown = (attribute(each, "embed") or attribute(each, "id") for each in root.iter(*_SHOWN))
    for target in dict.fromkeys(targets[name] for name in shown if name in targets):
        place = target.lstrip("/") if target.startswith("/") else f"word/{target}"
        if place.lower() in names:
            yield packed.read(names[place.lower()])


def _blocks(holder: etree._Element, numbering: Numbering) -> Iterator[str | Table]:
    for element in holder:
        name = local(element)
        if name == "p":
            yield from _paragraphs(element, numbering)
        elif name == "tbl":
            yield from _table(element, numbering)
        elif name in _WRAPPERS:
            yield from _blocks(element, numbering)


def _paragraphs(element: etree._Element, numbering: Numbering) -> Iterator[str]:
    """A paragraph, and behind it the paragraphs of text boxes anchored in it."""
    text = folded("".join(_pieces(element)))
    if text:
        yield numbering.mark(element) + text
    for box in element.iter("{*}txbxContent"):
        if not _is_fallback(box):
            yield from (text for text in map(_plain, children(box, "p")) if text)


def _is_fallback(element: etree._Element) -> bool:
    """What older programs show instead: the same text a second time."""
    return any(local(outer) == "Fallback" for outer in element.iterancestors())


def _plain(element: etree._Element) -> str:
    return folded("".join(_pieces(element)))


def _pieces(element: etree._Element) -> Iterator[str]:
    for part in element:
        name = local(part)
        if name == "t":
            yield part.text or ""
        elif name in _BREAKS:
            yield _BREAKS[name]
        elif name == "txbxContent" or name in _SILENT or (name == "r" and _vanishes(part)):
            continue
        else:
            yield from _pieces(part)


def _vanishes(run: etree._Element) -> bool:
    mark = child(child(run, "rPr"), "vanish")
    return mark is not None and attribute(mark, "val") not in _OFF


def _table(element: etree._Element, numbering: Numbering) -> Iterator[Table]:
    layout = _Layout(numbering)
    for row in _rows(element):
        layout.take(row)
    if layout.cells:
        yield layout.table()


def _rows(holder: etree._Element) -> Iterator[etree._Element]:
    for element in holder:
        if local(element) == "tr":
            yield element
        elif local(element) in _WRAPPERS:
            yield from _rows(element)


class _Layout:
    """Cells on the grid: w:gridSpan goes right, w:vMerge goes on downward."""

    def __init__(self, numbering: Numbering) -> None:
        self.cells: list[Cell] = []
        self._numbering = numbering
        self._open: dict[int, int] = {}  # column -> place in `cells` of the cell that may go on
        self._rows = 0
        self._columns = 0

    def table(self) -> Table:
        """All rows taken."""
        return Table(cells=tuple(self.cells), rows=self._rows, columns=self._columns)

    def take(self, row: etree._Element) -> None:
        column = _number(child(row, "trPr"), "gridBefore", 0)
        for cell in _cells(row):
            column += self._place(cell, column)
        self._rows += 1
        self._columns = max(self._columns, column)
        if self._rows * self._columns > MAX_SLOTS:
            raise RefusedError("file_too_large", f"a table has more than {MAX_SLOTS} cells")

    def _place(self, cell: etree._Element, column: int) -> int:
        properties = child(cell, "tcPr")
        span = max(_number(properties, "gridSpan", 1), 1)
        merge = child(properties, "vMerge")
        goes_on = merge is not None and attribute(merge, "val") != "restart"
        if goes_on and column in self._open:
            self._lengthen(self._open[column])
            return span
        self._open.pop(column, None)
        if merge is not None:
            self._open[column] = len(self.cells)
        text = "\n".join(self._texts(cell))
        self.cells.append(Cell(text=text, row=self._rows, column=column, colspan=span))
        return span

    def _lengthen(self, place: int) -> None:
        old = self.cells[place]
        self.cells[place] = Cell(
            text=old.text,
            row=old.row,
            column=old.column,
            rowspan=self._rows - old.row + 1,
            colspan=old.colspan,
        )

    def _texts(self, cell: etree._Element) -> Iterator[str]:
        """Paragraphs of a cell; those of a table inside it follow in order."""
        for paragraph in cell.iter("{*}p"):
            text = _plain(paragraph)
            if text and not _is_fallback(paragraph):
                yield self._numbering.mark(paragraph) + text


def _cells(holder: etree._Element) -> Iterator[etree._Element]:
    for element in holder:
        if local(element) == "tc":
            yield element
        elif local(element) in _WRAPPERS:
            yield from _cells(element)


def _number(properties: etree._Element | None, name: str, usual: int) -> int:
    printed = attribute(child(properties, name), "val") or ""
    return min(int(printed), _MAX_SPAN) if printed.isdecimal() and len(printed) < 9 else usual
