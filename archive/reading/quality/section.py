"""Does a page stand in the section of annual reports (政府信息公开年报)?

Told by the page itself: its breadcrumb, its column in a meta tag or a header field, or the folder
of its URL.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from archive.codebook.containers import words_of
from archive.codebook.phrases import phrases, squeezed
from archive.families.words import words
from archive.model.reading import Field
from archive.reading.html.blocks import Block

_ARROWS = re.compile(r"[>»›→＞/|\\]+|-{1,3}|—+")
_WAY = re.compile(r"^.{0,12}(?:位置|栏目)(?:是|为)?:?")
_FIRST_LINES = 120
_MAX_CRUMB = 200
_MAX_CLIMB = 3
_NAMED = frozenset({"category", "column", "所属栏目", "栏目", "信息栏目", "所属类目"})
_CRUMBS = frozenset(
    "crumb crumbs breadcrumb breadcrumbs position location curpage currpos curpos dqwz weizhi weiz"
    " local mbx".split()
)


def stands_among_reports(
    lines: Iterable[Block], metas: Mapping[str, str], fields: Iterable[Field], url: str
) -> bool:
    """True when the page says that the column it stands in is that of the annual reports."""
    named = [field.value or "" for field in fields if field.name in _NAMED]
    columns = [metas.get("columnname", ""), *named]
    return (
        any(_is_column(piece) for column in columns for piece in _ARROWS.split(column))
        or any(_is_column(piece) for piece in _crumbs(lines))
        or phrases().report_folder.search(urlsplit(url).path) is not None
    )


def _is_column(text: str) -> bool:
    return words().column.fullmatch(squeezed(text)) is not None


def _crumbs(lines: Iterable[Block]) -> Iterator[str]:
    """The pieces of a breadcrumb: of a line with arrows, or of lines inside an element so named."""
    for number, line in enumerate(lines):
        if number >= _FIRST_LINES:
            return
        if not line.text or len(line.text) > _MAX_CRUMB or "年" not in line.text:
            continue
        pieces = _ARROWS.split(_WAY.sub("", squeezed(line.text)))
        if len(pieces) > 1 or _WAY.match(squeezed(line.text)) or _lies_in_crumbs(line):
            yield from pieces


def _lies_in_crumbs(line: Block) -> bool:
    element = line.element
    for _ in range(_MAX_CLIMB):
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if not _CRUMBS.isdisjoint(words_of(names)):
            return True
        parent = element.getparent()
        if parent is None:
            return False
        element = parent
    return False
