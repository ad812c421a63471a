"""Is this <table> data, or does it only arrange the page?

Signs of layout: hidden or presentational tables, tables around other tables, header boxes of the
catalogue (索引号 …), lists of links, forms, one column, one huge cell without borders.
"""

import re
from functools import cached_property
from itertools import islice

from lxml.html import HtmlElement

from archive.codebook.layout import header_labels
from archive.reading.html.celltext import is_hidden
from archive.reading.html.table_plan import rows_by_markup
from archive.reading.html.tablerows import Row, own_rows

_MAX_JUDGED_CELLS = 120
_LONG_CELL = 300
_HEADER_BOX_ROWS = 14
_FORM = frozenset({"form", "input", "select", "textarea", "iframe", "frame", "button"})
_BORDER = re.compile(
    r"border(?:-[a-z]{1,20}){0,4}\s{0,20}:[^;]{0,200}(?:solid|double|dotted|inset|windowtext|\dp)",
    re.IGNORECASE,
)
_COLLAPSE = re.compile(r"border-collapse\s*:\s*collapse", re.IGNORECASE)
_LABEL_END = re.compile(r"[:：|]")
_NUMBER = re.compile(r"\A[-+－＋]?[\d０-９][\d０-９,，.．%％]*[一-鿿]{0,2}$")


def is_data_table(element: HtmlElement) -> bool:
    """Whether a <table> holds data. False for layout tables, header boxes, link lists, forms, and
    for a table inside which another one holds the data (the inner one is asked for itself).
    """
    return data_rows(element) is not None


def data_rows(element: HtmlElement) -> list[Row] | None:
    """The rows of a <table> that holds data, see is_data_table; None for every other one."""
    if (
        element.tag != "table"
        or is_hidden(element)
        or (element.get("role") or "").strip().lower() in ("presentation", "none")
    ):
        return None
    # Told by tags alone, before any cell is read: around nested tables cells are long.
    if _holds_tables(element) or any(True for _ in element.iter(*_FORM)):
        return None
    return rows_by_markup(element, _looked_at)


def _looked_at(element: HtmlElement) -> list[Row] | None:
    rows = list(own_rows(element))
    return rows if _Look(element, rows).is_data() else None


def _holds_tables(table: HtmlElement) -> bool:
    """A table of one cell inside a cell is only mark-up; anything bigger makes this layout."""
    inner = [node for node in table.iter("table") if node is not table]
    return any(len(list(islice(node.iter("td", "th"), 2))) > 1 for node in inner)


class _Look:
    """What is looked at: the first cells of the table, and what those that are filled say."""

    def __init__(self, table: HtmlElement, rows: list[Row]) -> None:
        self.table = table
        self.widths: list[int] = []
        self.cells: list[HtmlElement] = []
        texts: list[str] = []
        for row in rows:
            left = _MAX_JUDGED_CELLS - len(self.cells)
            self.widths.append(min(len(row.cells), left))
            self.cells += row.cells[:left]
            texts += row.texts[:left]
            if len(self.cells) == _MAX_JUDGED_CELLS:
                break
        squashed = (text if text.isalnum() else "".join(text.split()) for text in texts)
        self.filled = [text for text in squashed if text]

    def is_data(self) -> bool:
        if self._too_small() or self._is_header_box():
            return False
        if self._is_gallery() or self._is_link_list():
            return False
        return self._bordered or not self._looks_arranged()

    def _too_small(self) -> bool:
        widest = max(self.widths, default=0)
        if widest < 2 or not self.filled:
            return True
        if len(self.widths) == 1:
            # The torn-off rest of a table (page 2, a single data row) is data if it is numbers.
            return widest < 5 or self._numbers < 0.6 * len(self.cells)
        return len(self.cells) < 4

    @cached_property
    def _numbers(self) -> int:
        return sum(1 for text in self.filled if _NUMBER.match(text))

    def _is_header_box(self) -> bool:
        if len(self.widths) > _HEADER_BOX_ROWS:
            return False
        known = header_labels()
        hits = sum(1 for text in self.filled if _LABEL_END.split(text, 1)[0] in known)
        return hits >= 2 and hits * 4 >= len(self.filled)

    def _is_gallery(self) -> bool:
        images = sum(1 for _ in self.table.iter("img"))
        return images * 2 >= len(self.widths) and images * 4 >= len(self.filled)

    def _is_link_list(self) -> bool:
        total = sum(map(len, self.filled))
        linked = sum(len("".join((a.text_content() or "").split())) for a in self.table.iter("a"))
        return linked * 2 > total

    @cached_property
    def _bordered(self) -> bool:
        border = (self.table.get("border") or "").strip()
        if border[:1] in tuple("123456789"):
            return True
        styles = [self.table.get("style") or ""]
        styles += [cell.get("style") or "" for cell in self.cells[:6]]
        return (
            "MsoTable" in (self.table.get("class") or "")
            or any(cell.tag == "th" for cell in self.cells)
            or _COLLAPSE.search(styles[0]) is not None
            or any(_BORDER.search(style[:2000]) for style in styles)
        )

    def _looks_arranged(self) -> bool:
        """Without any border: long running text, or too little to be a table."""
        lengths = [len(text) for text in self.filled]
        if max(lengths) > _LONG_CELL and max(lengths) * 2 > sum(lengths):
            return True
        return len(self.filled) < 6 and self._numbers == 0
