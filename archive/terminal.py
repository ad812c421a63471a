"""What a person or a script sees: tables, JSON, notes, progress.

Output never fails on the locale: what the stream cannot spell is written as an escape. Text from
the web is shown without control characters, so that a page cannot steer the terminal.
"""

import json
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from io import StringIO, TextIOWrapper
from typing import TYPE_CHECKING, Literal, TextIO

from archive.model.content import printable
from archive.model.instants import exact
from archive.progress import Progress

if TYPE_CHECKING:
    import rich.console
    import rich.text

_INDENT = 4
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})
_LEAST_ELASTIC = 8  # cells of a cut column


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table. When a terminal is too narrow, a cell of a `below` column stands under
    its row, then `elastic` columns are cut, then columns stand in several tables, one below the
    other: none is left out.
    """

    key: str
    heading: str
    right: bool = False
    elastic: bool = False
    below: bool = False


def width(text: str) -> int:
    """How many terminal cells `text` takes: Chinese characters two, combining marks none.

    >>> width("年报 2016")
    9
    """
    from rich.cells import cell_len  # noqa: PLC0415 - only who prints a table waits for it

    return cell_len(text)


def shown(value: object) -> str:
    """A value as a table shows it: None is empty, instants are UTC to the second."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Enum):
        return str(value.value)
    return printable(str(value))


def counted(number: int, thing: str) -> str:
    """A number of things in words.

    >>> counted(1, "file"), counted(1200, "file"), counted(2, "body")
    ('1 file', '1,200 files', '2 bodies')
    """
    if number == 1:
        return f"1 {thing}"
    return f"{number:,} {thing[:-1] + 'ies' if thing.endswith('y') else thing + 's'}"


def iso(instant: datetime) -> str:
    """ISO 8601 in UTC to the second: 2026-11-22T08:00:00Z."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC)
    return instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def plain(value: object) -> object:  # noqa: PLR0911 - one line a type
    """`value` as JSON can hold it. Decimals become numbers, instants ISO 8601 with microseconds."""
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, datetime):
        return exact(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(item) for item in value]
    return value


class Ui:
    """The two streams of a command. With `as_json` tables become arrays of objects on `out`;
    notes, errors and progress always go to `err`. progress_lines: whether progress is shown where
    `err` is no terminal too.
    """

    def __init__(
        self,
        *,
        as_json: bool = False,
        debug: bool = False,
        progress_lines: bool = True,
        out: TextIO | None = None,
        err: TextIO | None = None,
    ) -> None:
        self.as_json = as_json
        self.debug = debug
        self._progress_lines = progress_lines
        self.out = forgiving(out or sys.stdout)
        self.err = forgiving(err or sys.stderr)

    def table(
        self, rows: Iterable[Mapping[str, object]], columns: Sequence[Column], *, gap: int = 2
    ) -> None:
        """Rows under headings, `gap` cells apart; as JSON all keys of the rows, not only the
        columns.
        """
        rows = list(rows)
        if self.as_json:
            self.json(rows)
            return
        spelled = [{c.key: self._spelled(shown(row.get(c.key))) for c in columns} for row in rows]
        room = shutil.get_terminal_size().columns if self.out.isatty() else None
        for line in aligned(spelled, columns, room, gap=gap):
            self.line(line)

    def record(self, fields: Mapping[str, object]) -> None:
        """One thing: `name  value` lines, or a JSON object."""
        if self.as_json:
            self.json(fields)
            return
        margin = max((width(name) for name in fields), default=0)
        for name, value in fields.items():
            self.line(f"{name}{' ' * (margin - width(name))}  {shown(value)}".rstrip())

    def json(self, value: object) -> None:
        """`value` as indented JSON, in ASCII where the stream cannot spell Chinese."""
        self.line(self.spelled_json(value, indent=2))

    def json_array(self, values: Iterable[object]) -> None:
        """What `json` writes of a list, value by value: there may be a million."""
        before = "["
        for value in values:
            spelled = self.spelled_json(value, indent=2).replace("\n", "\n  ")
            self.out.write(f"{before}\n  {spelled}")
            before = ","
        self.line("[]" if before == "[" else "\n]")

    def spelled_json(self, value: object, *, indent: int | None = None) -> str:
        """`value` as JSON that the output stream can spell; on one line without `indent`."""
        unicode_stream = (self.out.encoding or "").lower().replace("-", "").startswith("utf")
        return json.dumps(plain(value), ensure_ascii=not unicode_stream, indent=indent)

    def line(self, text: str = "") -> None:
        """One line on standard output."""
        self.out.write(text + "\n")

    def announce(self, text: str) -> None:
        """One line on standard output, written at once: somebody may be waiting for it."""
        self.line(text)
        self.out.flush()

    def note(self, text: str) -> None:
        """One line on standard error that is worth knowing but is no error."""
        self.err.write(printable(text) + "\n")

    def error(self, text: str) -> None:
        """One line on standard error: what is wrong and what to do."""
        self.err.write(f"gongkai: {printable(text)}\n")

    @contextmanager
    def progress(self, label: str, total: int | None = None) -> Iterator[Progress]:
        """Counts steps on standard error: a bar on a terminal; else a line every ten seconds, or
        nothing without `progress_lines`.
        """
        is_shown = self._progress_lines or self.err.isatty()
        meter = Progress(label, total, self.err if is_shown else StringIO(), time.monotonic())
        try:
            yield meter
        finally:
            meter.close()

    def _spelled(self, text: str) -> str:
        """`text` as the stream will show it: what its encoding lacks takes more room as escapes."""
        encoding = self.out.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)


def forgiving(stream: TextIO) -> TextIO:
    """The stream itself, writing escapes for characters that its encoding lacks."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


def aligned(
    rows: Sequence[Mapping[str, object]],
    columns: Sequence[Column],
    room: int | None,
    *,
    gap: int = 2,
) -> Iterator[str]:
    """The lines of a table; cells are moved below their row or cut with …, and columns moved into
    further tables, only when `room` (terminal cells) is given.
    """
    lines = [[column.heading for column in columns]]
    lines += [[shown(row.get(column.key)) for column in columns] for row in rows]
    widths = [max(map(width, cells)) for cells in zip(*lines, strict=True)]
    is_narrow = room is not None and sum(widths) + gap * (len(widths) - 1) > room
    if room is None or not is_narrow:
        yield from (_padded(line, widths, columns, gap) for line in lines)
        return
    beside = [i for i, column in enumerate(columns) if not column.below]
    head = beside[: _telling(lines[1:], beside)]
    for elastic in (_LEAST_ELASTIC, max(_LEAST_ELASTIC, room // 4)):
        least = [
            min(widths[i], elastic) if column.elastic else widths[i]
            for i, column in enumerate(columns)
        ]
        bands = _bands(beside, head, least, room, gap)
        if bands is None or len(bands) == 1:
            break
    if bands is None:
        yield from _one_by_one(lines, room)
        return
    for turn, band in enumerate(bands):
        if turn:
            yield ""
        below = [] if turn else [i for i, column in enumerate(columns) if column.below]
        yield from _cut(lines, columns, band, below, room, gap)


def _telling(rows: Sequence[Sequence[str]], beside: Sequence[int]) -> int:
    """How many columns from the first on tell the rows apart; 1 where all of them do not."""
    counts = range(1, len(beside) + 1)
    told = (
        n for n in counts if len({tuple(row[i] for i in beside[:n]) for row in rows}) == len(rows)
    )
    return next(told, 1)


def _bands(
    beside: Sequence[int], head: Sequence[int], least: Sequence[int], room: int, gap: int
) -> list[list[int]] | None:
    """The columns of each of the tables that a narrow terminal gets, those of `head` in front of
    each. least: the room that each column takes at least. None: there is none beside the head.
    """
    bands = [[*head]]
    for i in beside[len(head) :]:
        if len(bands[-1]) > len(head) and _room_of([*bands[-1], i], least, gap) > room:
            bands.append([*head])
        bands[-1].append(i)
    return bands if all(_room_of(band, least, gap) <= room for band in bands) else None


def _room_of(band: Sequence[int], least: Sequence[int], gap: int) -> int:
    return sum(least[i] for i in band) + gap * (len(band) - 1)


def _one_by_one(lines: Sequence[Sequence[str]], room: int) -> Iterator[str]:
    """Each row as lines of heading and value, where nothing else has room."""
    headings, *rows = lines
    for number, row in enumerate(rows):
        if number:
            yield ""
        for heading, text in zip(headings, row, strict=True):
            if text:
                yield from wrapped(f"{heading}: {text}", room)


def _cut(
    lines: Sequence[Sequence[str]],
    columns: Sequence[Column],
    band: Sequence[int],
    below: Sequence[int],
    room: int,
    gap: int,
) -> Iterator[str]:
    """One table of some columns, elastic ones cut, the cells of those `below` under their row."""
    from rich.table import Table  # noqa: PLC0415 - only a narrow terminal waits for it

    table = Table.grid(padding=(0, gap, 0, 0))
    for i in band:
        justify: Literal["left", "right"] = "right" if columns[i].right else "left"
        table.add_column(justify=justify, no_wrap=not columns[i].elastic)
    for line in lines:
        table.add_row(*(_text(line[i]) for i in band))
    for number, drawn in enumerate(_console(room).render_lines(table, pad=False)):
        yield "".join(segment.text for segment in drawn).rstrip()
        if number:
            under = " · ".join(lines[number][i] for i in below if lines[number][i])
            yield from wrapped(under, room, indent=_INDENT)


def _padded(line: Sequence[str], widths: Sequence[int], columns: Sequence[Column], gap: int) -> str:
    """A row where there is room for it: what a pipe and a file get, as fast as they take it."""
    cells = [
        " " * (room - width(text)) + text if column.right else text + " " * (room - width(text))
        for text, room, column in zip(line, widths, columns, strict=True)
    ]
    return (" " * gap).join(cells).rstrip()


def _text(text: str) -> "rich.text.Text":
    """A cell on one line, cut with … where it is too long; its brackets are no markup."""
    from rich.text import Text  # noqa: PLC0415 - see `_cut`

    return Text(text, no_wrap=True, overflow="ellipsis")


def _console(room: int) -> "rich.console.Console":
    from rich.console import Console  # noqa: PLC0415 - see `_cut`

    return Console(file=StringIO(), width=room, color_system=None)


def wrapped(text: str, room: int, *, indent: int = 0) -> Iterator[str]:
    """`text` in lines of at most `room` terminal cells, broken at spaces, and inside a word that is
    longer than a line; no line for an empty text.

    >>> list(wrapped("每年一次 a report", 8, indent=2))
    ['  每年一', '  次 a', '  report']
    """
    if text:
        at_most = max(room - indent, 2)
        for line in _text(text).wrap(_console(at_most), at_most, overflow="fold", no_wrap=False):
            yield " " * indent + line.plain.rstrip()
