"""Header boxes whose labels stand in one row and whose values in the next, once or several times.

A list's heading row looks alike: it has more than one row below, its rows are links, or it stands
behind text.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import islice, zip_longest

from lxml.html import HtmlElement

from archive.codebook.labels import label_hits, label_of
from archive.reading.html.blocks import Block, blocks

_LABELLIKE = re.compile(r"[\u4e00-\u9fff]{2,8}[/\u4e00-\u9fff]{0,4}\s*[:：]?")
_FEWEST = 2
_MAX_CLIMB = 3
_MAX_BESIDE = 60
_CELLS = frozenset({"td", "th", "dt"})
_PAIRED = frozenset({"div", "li", "p"})  # they hold label and value where there are two of them


def paired_rows(rows: Sequence[Sequence[str]]) -> list[list[str]] | None:
    """The rows with each row of labels and the row of values below it as one row in which they take
    turns; None when no row of labels has its values below. Other rows stay as they are.
    """
    made: list[list[str]] = []
    met = False
    position = 0
    while position < len(rows):
        row = list(rows[position])
        below = rows[position + 1] if position + 1 < len(rows) else None
        behind = rows[position + 2] if position + 2 < len(rows) else None
        if _is_label_row(row) and below is not None and _is_value_row(row, below):
            if behind is not None and _is_value_row(row, behind) and len(behind) > 1:
                return None  # more than one row under the same labels: a list
            made.append(_taking_turns(row, below))
            met = True
            position += 2
        else:
            made.append(row)
            position += 1
    return made if met else None


def value_beside(line: Block, said: AbstractSet[str]) -> str:
    """What stands in the cell beside a line that is a label with nothing behind it; "" where none
    does, and where the cell holds another label or the text (`said`).
    """
    around = (line.element, *islice(line.element.iterancestors(), _MAX_CLIMB))
    cell = next((each for each in around if each.tag in _CELLS or _is_first_of_two(each)), None)
    beside = cell.getnext() if cell is not None else None
    if beside is None:
        return ""
    texts = [each.text for each in islice(blocks(beside), 2) if each.text]
    if len(texts) != 1 or len(texts[0]) > _MAX_BESIDE or texts[0] in said:
        return ""
    return "" if label_of(texts[0]) or label_hits(texts[0]) or "。" in texts[0] else texts[0]


def _is_first_of_two(element: HtmlElement) -> bool:
    outer = element.getparent()
    return element.tag in _PAIRED and outer is not None and len(outer) == 2 and outer[0] is element


def is_linked(element: HtmlElement) -> bool:
    """Whether a cell of the element is a link, as the titles of a list are."""
    return any(len("".join((link.text_content() or "").split())) > 1 for link in element.iter("a"))


def _taking_turns(labels: Sequence[str], values: Sequence[str]) -> list[str]:
    pairs = zip_longest(labels, values, fillvalue="")
    return [cell for label, value in pairs if label for cell in (_marked(label), value)]


def _marked(label: str) -> str:
    return label if label_of(label) else f"{label.rstrip(' :：')}："


def _is_label_row(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    known = [label for cell in filled if (label := label_of(cell)) is not None]
    return (
        len([label for label in known if label.strong]) >= _FEWEST
        and len(known) * 2 >= len(filled)
        and all(label_of(cell) or _LABELLIKE.fullmatch(cell) for cell in filled)
    )


def _is_value_row(labels: Sequence[str], row: Sequence[str]) -> bool:
    return len(row) <= len(labels) and not any(label_of(cell) or label_hits(cell) for cell in row)
