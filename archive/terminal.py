"""What a person or a script sees: tables, JSON, notes, progress.

Output never fails on the locale: what the stream cannot spell is written as an escape. Text from
the web is shown without control characters, so that a page cannot steer the terminal.
"""

import json
import re
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from io import StringIO, TextIOWrapper
from typing import TextIO

_BAR_WIDTH = 28
_BAR_EVERY_S = 0.1
_LINE_EVERY_S = 10.0
_INDENT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table. When a terminal is too narrow, a cell of a `below` column stands under
    its row, then `elastic` columns are cut.
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
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Cf", "Me", "Mn"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def printable(text: str) -> str:
    """`text` on one line, without control and direction characters.

    >>> printable("a\\x1b[31mb\\n c")
    'a [31mb c'
    """
    clean = (" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"} else c for c in text)
    return " ".join("".join(clean).split())


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
    """`value` as JSON can hold it. Decimals become numbers, instants ISO 8601 strings."""
    if isinstance(value, datetime):
        return iso(value)
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
    notes, errors and progress always go to `err`. progress_lines: whether progress is told where
    `err` is no terminal.
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
        for line in aligned(spelled, columns, self._room(), gap=gap):
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
        unicode_stream = (self.out.encoding or "").lower().replace("-", "").startswith("utf")
        self.line(json.dumps(plain(value), ensure_ascii=not unicode_stream, indent=2))

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
    def progress(self, label: str, total: int | None = None) -> Iterator["Progress"]:
        """Counts steps on standard error: a bar on a terminal; else a line every ten seconds, or
        nothing where nobody asked for it.
        """
        told = self._progress_lines or self.err.isatty()
        meter = Progress(label, total, self.err if told else StringIO(), time.monotonic())
        try:
            yield meter
        finally:
            meter.close()

    def _spelled(self, text: str) -> str:
        """`text` as the stream will show it: what its encoding lacks takes more room as escapes."""
        encoding = self.out.encoding or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)

    def _room(self) -> int | None:
        return shutil.get_terminal_size().columns if self.out.isatty() else None


class Progress:
    """A count that moves. Use `Ui.progress`."""

    def __init__(self, label: str, total: int | None, err: TextIO, started_s: float) -> None:
        self._label, self._total, self._err = label, total, err
        self._tty = err.isatty()
        self._started_s = self._last_s = started_s
        self.done = self._shown = 0

    def step(self, count: int = 1, label: str | None = None, total: int | None = None) -> None:
        """`count` more are done; `label` replaces the words in front, `total` the number of all."""
        self.done += count
        self._label = label or self._label
        self._total = self._total if total is None else total
        now_s = time.monotonic()
        if now_s - self._last_s >= (_BAR_EVERY_S if self._tty else _LINE_EVERY_S):
            self._last_s = now_s
            self._draw()

    def close(self) -> None:
        """Clears the bar; on a plain stream says the final count if anything was said before."""
        if self._tty:
            self._err.write("\r\x1b[K")
            self._err.flush()
        elif self._last_s != self._started_s and self.done != self._shown:
            self._draw()

    def _draw(self) -> None:
        self._shown = self.done
        text = f"{printable(self._label)} {self._count()}"
        self._err.write(f"\r{self._bar()}{text}\x1b[K" if self._tty else text + "\n")
        self._err.flush()

    def _count(self) -> str:
        return f"{self.done:,}" if self._total is None else f"{self.done:,} of {self._total:,}"

    def _bar(self) -> str:
        if not self._total:
            return ""
        full = min(_BAR_WIDTH, _BAR_WIDTH * self.done // self._total)
        return f"[{'#' * full}{'.' * (_BAR_WIDTH - full)}] "


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
    """The lines of a table; cells are moved below their row, or cut with …, only when `room`
    (terminal cells) is given.
    """
    lines = [[column.heading for column in columns]]
    lines += [[shown(row.get(column.key)) for column in columns] for row in rows]
    widths = [max(width(line[i]) for line in lines) for i in range(len(columns))]
    narrow = _excess(widths, room, gap) > 0
    under = [i for i, column in enumerate(columns) if narrow and column.below]
    beside = [i for i in range(len(columns)) if i not in under]
    fitted = _fitted([widths[i] for i in beside], [columns[i] for i in beside], room, gap)
    for number, line in enumerate(lines):
        cells = (
            _cell(line[i], w, right=columns[i].right) for i, w in zip(beside, fitted, strict=True)
        )
        yield (" " * gap).join(cells).rstrip()
        if number and under:
            told = " · ".join(line[i] for i in under if line[i])
            yield from wrapped(told, room or 0, indent=_INDENT)


def _excess(widths: Sequence[int], room: int | None, gap: int) -> int:
    return 0 if room is None else sum(widths) + gap * (len(widths) - 1) - room


def _fitted(widths: list[int], columns: Sequence[Column], room: int | None, gap: int) -> list[int]:
    excess = _excess(widths, room, gap)
    elastic = [i for i, column in enumerate(columns) if column.elastic]
    for i in sorted(elastic, key=lambda i: -widths[i]):
        cut = max(0, min(excess, widths[i] - 12))
        widths[i] -= cut
        excess -= cut
    return widths


def wrapped(text: str, room: int, *, indent: int = 0) -> Iterator[str]:
    """`text` in lines of at most `room` terminal cells, broken at spaces where there are any and
    between Chinese characters; no line for an empty text.

    >>> list(wrapped("每 年一次 a report", 8, indent=2))
    ['  每 年', '  一次 a', '  report']
    """
    line, used = "", 0
    for word in re.findall(r"[!-~]+ *|. *", text):
        for piece in _pieces(word, max(room - indent, 2)):
            if line and used + width(piece.rstrip()) > room - indent:
                yield " " * indent + line.rstrip()
                line, used = "", 0
            line, used = line + piece, used + width(piece)
    if line:
        yield " " * indent + line.rstrip()


def _pieces(word: str, room: int) -> Iterator[str]:
    """An ASCII word in parts that fit a line; one Chinese character is a word."""
    if width(word) <= room:
        yield word
        return
    for start in range(0, len(word), room):
        yield word[start : start + room]


def _cell(text: str, room: int, *, right: bool) -> str:
    text = text if width(text) <= room else shortened(text, room)
    pad = " " * (room - width(text))
    return pad + text if right else text + pad


def shortened(text: str, room: int) -> str:
    """`text` cut to `room` terminal cells with … at the end, when it is longer.

    >>> shortened("政府信息公开工作年度报告", 9)
    '政府信息…'
    """
    if width(text) <= room:
        return text
    kept, used = [], 1
    for character in text:
        used += _cells(character)
        if used > room:
            break
        kept.append(character)
    return "".join(kept) + "…"
