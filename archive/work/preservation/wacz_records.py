"""The WARC files of a bundle: each has the name of one of the archive's, and of its records those
that were selected, byte for byte, with the requests and notes that belong to them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from archive.model.errors import WarcError
from archive.model.frontier import WarcSpot
from archive.store.query.selection import SelectedCapture, Why
from archive.store.rows import CaptureRow
from archive.warc.copying import ReadRecord, copy_bytes, read_through
from archive.warc.folder import WarcFile, WarcFolder, file_of
from archive.warc.wacz.index import capture_line, looked_up
from archive.warc.wacz.package import ARCHIVE
from archive.warc.wacz.packing import Container, Entry

_ENDINGS: Final = (".warc", ".warc.gz")
_MAX_HELD_LINES: Final = 100_000
# A capture's record and its request; None without one.
Exchange: TypeAlias = tuple[ReadRecord, ReadRecord | None]


class Records:
    """Copies captures into a container and remembers what the rest of a bundle needs of them.

    folder: for temporary files. on_capture: called with each capture that was asked for.
    count: how many captures were copied, by why. left_out: why others were not, one line each.
    uris: the URL in the record of a capture whose page is known by another one, by page and time.
    """

    def __init__(
        self, container: Container, warc: WarcFolder, folder: Path, on_capture: Callable[[], None]
    ) -> None:
        self._container = container
        self._warc = warc
        self._folder = folder
        self._on_capture = on_capture
        self._lines: list[str] = []
        self._damaged: set[int] = set()
        self.parts: list[Path] = []
        self.count: Counter[Why] = Counter()
        self.left_out: list[str] = []
        self.missing: set[tuple[str, str]] = set()
        self.uris: dict[tuple[str, str], str] = {}

    def copy(self, captures: Iterable[SelectedCapture], ends: Mapping[str, int]) -> None:
        """Copies the captures, which come by file and offset. ends: how far each file is committed.
        What cannot be read is left out, and so is a revisit of it.
        """
        for name, group in groupby(captures, key=lambda each: each.capture.spot.file):
            self._copy_file(name, list(group), ends.get(name, 0))
        self._flush()

    def _copy_file(self, name: str, selected: list[SelectedCapture], end: int) -> None:
        try:
            source = _opened(self._warc, name)
        except (WarcError, OSError) as error:
            for each in selected:
                self._leave_out(each, str(error))
            return
        with source:
            copied = _FileCopy(source, self._warc / name, name, end)
            wanted = self._readable(copied, selected)
            first = next(wanted, None)
            if first is None:
                return
            path = ARCHIVE + name
            with self._container.entry(path, deflated=False, at_most_bytes=end) as entry:
                copied.begin(entry)
                self._put(copied, *first)
                for each, exchange in wanted:
                    self._put(copied, each, exchange)

    def _readable(
        self, copied: "_FileCopy", selected: Iterable[SelectedCapture]
    ) -> Iterator[tuple[SelectedCapture, Exchange]]:
        for each in selected:
            capture = each.capture
            if each.why == "chosen":
                self._on_capture()
            if capture.record_type == "revisit" and capture.refers_to in self._damaged:
                self._leave_out(each, "what the revisit repeats cannot be read")
                continue
            try:
                exchange = copied.read(capture)
            except WarcError as error:
                self._leave_out(each, str(error))
                continue
            yield each, exchange

    def _put(self, copied: "_FileCopy", selected: SelectedCapture, exchange: Exchange) -> None:
        capture = selected.capture
        spot, digest = copied.put(capture)
        self._lines.append(capture_line(*exchange, spot, digest))
        url = looked_up(*exchange)
        if url != capture.url:
            self.uris[_place(capture)] = url
        self.count[selected.why] += 1
        if len(self._lines) >= _MAX_HELD_LINES:
            self._flush()

    def _leave_out(self, selected: SelectedCapture, why: str) -> None:
        capture = selected.capture
        self._damaged.add(capture.capture_id)
        self.missing.add(_place(capture))
        self.left_out.append(f"{capture.url} of {_place(capture)[1]}: {why}")

    def _flush(self) -> None:
        if self._lines:
            part = self._folder / f"{len(self.parts)}.cdxj"
            part.write_text("".join(sorted(self._lines)), encoding="utf-8")
            self.parts.append(part)
            self._lines.clear()


def _opened(warc: WarcFolder, name: str) -> BinaryIO:
    if not name.endswith(_ENDINGS):
        raise WarcError(f"{name}: only plain WARC files can be put into a WACZ")
    return file_of(warc, name).open("rb")


def _place(capture: CaptureRow) -> tuple[str, str]:
    return capture.url, f"{capture.captured_at:%Y%m%d%H%M%S}"


class _FileCopy:
    """One WARC file of the archive, and its part in the bundle."""

    def __init__(self, source: BinaryIO, path: WarcFile, name: str, end: int) -> None:
        self._source = source
        self._path = path
        self._name = name
        self._end = end
        self._entry: Entry | None = None

    def read(self, capture: CaptureRow) -> Exchange:
        """A capture's record and its request, looked at. WarcError when one is damaged."""
        record = self._read(capture.spot)
        if record.head.get("WARC-Record-ID") != capture.record_id:
            raise WarcError(f"{self._path}, offset {capture.spot.offset}: here is another record")
        if capture.request_spot and capture.request_spot.file == self._name:
            return record, self._read(capture.request_spot)
        return record, None

    def begin(self, entry: Entry) -> None:
        """Puts the file's warcinfo first, which all records name."""
        self._entry = entry
        first = self._record_at(0)
        if first and first.head.record_type == "warcinfo":
            self._copy(WarcSpot(file=self._name, offset=0, length=first.length))

    def put(self, capture: CaptureRow) -> tuple[WarcSpot, str]:
        """Copies a capture with its request and the notes behind it; where it lies now, and the
        SHA-256 of its record.
        """
        at, digest = self._copy(capture.spot)
        spots = [capture.spot]
        if capture.request_spot and capture.request_spot.file == self._name:
            self._copy(capture.request_spot)
            spots.append(capture.request_spot)
        end = max(spot.offset + spot.length for spot in spots)
        while (note := self._record_at(end)) and _is_beside(note, capture.record_id):
            self._copy(WarcSpot(file=self._name, offset=end, length=note.length))
            end += note.length
        return replace(capture.spot, offset=at), digest

    def _read(self, spot: WarcSpot) -> ReadRecord:
        record = read_through(self._source, self._path, spot.offset, spot.offset + spot.length)
        if record.length != spot.length:
            raise WarcError(f"{self._path}, offset {spot.offset}: here is not exactly one record")
        return record

    def _record_at(self, offset: int) -> ReadRecord | None:
        """The record there; None at the end of what is committed, and where none can be read."""
        if offset >= self._end:
            return None
        try:
            return read_through(self._source, self._path, offset, self._end)
        except WarcError:
            return None

    def _copy(self, spot: WarcSpot) -> tuple[int, str]:
        if self._entry is None:
            raise WarcError(f"{self._path}: nothing was begun")
        at = self._entry.size_bytes
        write = self._entry.write
        return at, copy_bytes(self._source, self._path, spot.offset, spot.length, write)


def _is_beside(record: ReadRecord, record_id: str) -> bool:
    return record.head.record_type == "metadata" and record_id in record.head.all(
        "WARC-Concurrent-To"
    )
