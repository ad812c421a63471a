"""The guard against silent loss: what speaks on a page must be text, or known to be none."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from archive.codebook.phrases import phrases, squeezed
from archive.model.reading import Field, Finding, Severity
from archive.reading.html.blocks import Block
from archive.reading.html.survey import Survey, is_spoken, lies_in, texts_in, weight_of
from archive.reading.html.tablerows import Row
from archive.reading.html.visible import inside_hidden
from archive.reading.metadata.header import Box

_ALONE = frozenset(map(chr, range(128)))
_MAX_SHOWN = 3
_MAX_SHOWN_CHARACTERS = 80
_MAX_WORDS = 20_000
_MAX_NOTICE = 200
_HELD = 0.5
_MAX_CELLS = 300
_MAX_LOOKUPS = 3_000
_MAX_ROWS = 60
_SCRAPS = 40
_MIN_COUNTED = 2
_COUNT = re.compile(r"\A[-+－＋]?[\d０-９][\d０-９,，.．]*[%％]?[一-鿿]{0,2}\Z")
_WORDING = re.compile(r"[一-鿿]{2}")
_DAY = re.compile(r"(?:\d{4}[-./年])?\d{1,2}[-./月]\d{1,2}日?|(?:19|20)\d\d年?")


def left_out_findings(
    page: Survey,
    lines: Sequence[str],
    boxes: Iterable[Box],
    fields: Iterable[Field],
) -> tuple[Finding, ...]:
    """Finding `text_left_out` where sentences or data tables of a page are neither in its text, nor
    in its header, nor in elements named as furniture. Its message names their share of all that
    speaks there.
    """
    held = {line for box in boxes for line in box.lines}
    boxed = {box.element for box in boxes if box.element is not None}
    aside = page.furniture | page.inside | boxed
    said = _Said(lines, fields, page)
    lost = [
        line
        for line in (*page.lines, *page.alone)
        if not said.has_line(line)
        and (line in page.sentences or _counts(line, page))
        and not said.holds(line)
        and line not in held
        and not lies_in(line.element, boxed if _counts(line, page) else aside)
        and not _is_chrome(line)
    ]
    if sum(map(len, (line.text for line in lost))) < _SCRAPS and not any(
        is_spoken(line) or _counts(line, page) for line in lost
    ):
        return ()
    amount = sum(map(weight_of, lost))
    share = amount / (amount + sum(map(len, lines)))
    shown = " / ".join(_words(line)[:_MAX_SHOWN_CHARACTERS] for line in lost[:_MAX_SHOWN])
    return (
        Finding(
            rule="text_left_out",
            severity=Severity.WARNING,
            message=f"{len(lost)} lines or tables that read as text ({share:.0%}) are not in it",
            evidence=shown,
        ),
    )


def _counts(line: Block, page: Survey) -> bool:
    """Whether a line is a table of statistics: rows of a label and counts. No menu, weather or foot
    of a site is one, whatever the element around it is called.
    """
    if line.text:
        return False
    rows = page.tables.get(line.element, [])[:_MAX_ROWS]
    counted = sum(map(_is_counted, rows))
    return counted >= _MIN_COUNTED and counted * 2 >= len(rows)


def _is_counted(row: Row) -> bool:
    cells = [
        bare for text in row.texts[:_MAX_ROWS] if (bare := squeezed(text[:_MAX_SHOWN_CHARACTERS]))
    ]
    counts = [cell for cell in cells if _COUNT.match(cell) and not _DAY.fullmatch(cell)]
    return bool(counts) and any(_WORDING.search(cell) for cell in cells if cell not in counts)


class _Said:
    """What a reading says, looked up by line; folded where a line is not found as it stands."""

    def __init__(self, lines: Sequence[str], fields: Iterable[Field], page: Survey) -> None:
        self._printed = page.printed
        self._lines = frozenset(lines)
        self._fields = fields
        self._left = _MAX_LOOKUPS

    def has_line(self, line: Block) -> bool:
        """Whether a line stands in the text as it is: told at once, and so it is for most."""
        return line.text in self._lines

    def holds(self, line: Block) -> bool:
        if line.text:
            return self._has(squeezed(line.text))
        texts = self._texts(line)
        known = {text: bare for text in {*texts} - _ALONE if len(bare := squeezed(text)) > 1}
        cells = [bare for bare in map(known.get, texts) if bare]
        if self._left < len(cells):
            return sum(map(self._has, cells)) >= _HELD * len(cells)
        self._left -= len(cells)
        held = {bare: bare in self._cells or bare in self._all for bare in known.values()}
        return sum(map(held.__getitem__, cells)) >= _HELD * len(cells)

    def _texts(self, line: Block) -> list[str]:
        texts = self._printed.get(line.element)
        return (texts_in(line.element) if texts is None else texts)[:_MAX_CELLS]

    def _has(self, bare: str) -> bool:
        """Whether the text holds a line; of a monstrous page's lines the last are not looked up."""
        self._left -= 1
        return self._left >= 0 and bare in self._all

    @cached_property
    def _cells(self) -> frozenset[str]:
        """What stands between the tabs of the text: nearly always what is asked for."""
        rows = [line for line in self._lines if "\t" in line]
        return frozenset(map(squeezed, {*"\t".join(rows).split("\t")} if rows else ()))

    @cached_property
    def _all(self) -> str:
        return squeezed("\n".join((*self._lines, *(field.printed for field in self._fields))))


def _is_chrome(line: Block) -> bool:
    """Notes of a site: they may be whole sentences, but no page is about them."""
    bare = squeezed(line.text)
    return 0 < len(bare) <= _MAX_NOTICE and (
        phrases().notice.search(bare) is not None
        or phrases().footer.search(bare) is not None
        or inside_hidden(line.element)
    )


def _words(line: Block) -> str:
    return line.text or " ".join("".join(line.element.itertext()).split())[:_MAX_WORDS]
