"""One pass over the WARC files of an archive whose ledger is made again: every capture is noted
with what its records say, and where runs wrote down their rows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from archive.model.errors import MessageError, WarcError
from archive.model.frontier import WarcSpot
from archive.model.reading import Severity
from archive.store import Store
from archive.store.types import Values
from archive.store.write.captures import keep
from archive.store.write.found import note_records
from archive.warc.folder import WarcFile, warc_files
from archive.warc.growing import OPEN_SUFFIX
from archive.warc.message import Limits, Response, head_length, interim_length, parse_response
from archive.warc.payload import HEAD_ROOM
from archive.warc.reader import Record
from archive.warc.record import (
    ARCHIVE_FIELD,
    JOB_FIELD,
    NOT_MODIFIED_SCHEME,
    RUN_FIELD,
    archive_uri,
)
from archive.warc.salvage import salvaged
from archive.warc.scan import Damage
from archive.work.home import Home
from archive.work.preservation.run_sets import RunSets, is_run_record, taken_over

_AT_ONCE: Final = 1_000
_CAPTURES: Final = frozenset({"response", "revisit", "resource"})
_NOT_MODIFIED: Final = 304
_FIRST_OF_SESSION: Final = "-00001-"
_NO_RUN: Final = (None, None)


@dataclass(slots=True, kw_only=True)
class Session:
    """One process that crawled. run_id, job: as its files say; None in files of older releases.
    file: its first. origin: archive and number of the run of a merged archive, which has another
    number here.
    """

    file: str
    run_id: int | None
    job: str | None
    origin: tuple[str, int] | None = None


@dataclass(slots=True)
class Scanned:
    """What was found. sessions: by their number, from 1. foreign: files of another archive, which
    were left alone. captures: how many were noted.
    """

    sets: RunSets = field(default_factory=RunSets)
    sessions: dict[int, Session] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    captures: int = 0


def scan(home: Home, store: Store, archive_id: str, on_record: Callable[[], None]) -> Scanned:
    """Goes through all files of a home; those of merged archives are its own. CannotRunError when
    the disk refuses.
    """
    merged = taken_over(home)
    found = Scanned(sets=RunSets(merged))
    for path in warc_files(home.files):
        _File(path, found, store, (archive_id, *merged), on_record).scan()
    return found


def archive_of(path: WarcFile) -> str | None:
    """The id of the archive that a file says it belongs to; None when it does not say."""
    first = next((each for each in salvaged(path) if isinstance(each, Record)), None)
    if first is None or first.record_type != "warcinfo":
        return None
    uri = _fields(first).get(ARCHIVE_FIELD, "")
    prefix = archive_uri("")
    return uri.removeprefix(prefix) if uri.startswith(prefix) else None


class _File:
    """One file. An exchange is a capture and what follows it: its request, the kept 304."""

    def __init__(
        self,
        path: WarcFile,
        found: Scanned,
        store: Store,
        archive_ids: Sequence[str],
        on_record: Callable[[], None],
    ) -> None:
        self._path = path
        self._name = path.name.removesuffix(OPEN_SUFFIX)
        self._found = found
        self._store = store
        self._owners = tuple(map(archive_uri, archive_ids))
        self._on_record = on_record
        self._rows: list[Values] = []
        self._session = 0
        self._end = 0

    def scan(self) -> None:
        for each in salvaged(self._path):
            if isinstance(each, Damage):
                self._found.damages.append(each)
                continue
            self._on_record()
            self._end = each.offset + (each.length or 0)
            if each.record_type == "warcinfo" and not self._begin(each):
                self._found.foreign.append(self._name)
                return
            self._meet(each)
        self._write()

    def _begin(self, record: Record) -> bool:
        """False for a file of another archive."""
        said = _fields(record)
        owner = said.get(ARCHIVE_FIELD)
        if owner is not None and owner not in self._owners:
            return False
        run = said.get(RUN_FIELD, "")
        number = int(run) if run.isascii() and run.isdigit() and len(run) < 10 else None
        is_own = owner in (None, self._owners[0])
        merged = None if owner is None else owner.removeprefix(archive_uri(""))
        session = Session(
            file=self._name,
            run_id=number if is_own else None,
            job=said.get(JOB_FIELD),
            origin=None if is_own or merged is None or number is None else (merged, number),
        )
        self._session = _number_of(session, self._found.sessions)
        return True

    def _meet(self, record: Record) -> None:
        if record.length is None or record.record_id is None:
            return
        if record.record_type in _CAPTURES:
            row = _capture(record, self._name, self._session)
            if row is not None:
                if len(self._rows) >= _AT_ONCE:
                    self._write()
                self._rows.append(row)
        elif self._rows and record.header("WARC-Concurrent-To") == self._rows[-1]["record_id"]:
            _add_beside(self._rows[-1], record)
        elif is_run_record(record.head):
            spot = WarcSpot(file=self._name, offset=record.offset, length=record.length)
            try:
                self._found.sets.meet(spot, record.block)
            except WarcError as error:
                self._found.damages.append(_unread(self._path, record, error))

    def _write(self) -> None:
        """A closed file is committed to its end, a growing one as far as it is whole."""
        grows = self._path.name.endswith(OPEN_SUFFIX)
        end = self._end if grows else self._path.stat().st_size
        with self._store.write() as connection:
            keep(connection, (), {self._name: end})
            if self._rows:
                note_records(connection, self._rows)
        self._found.captures += len(self._rows)
        self._rows = []


def _number_of(session: Session, sessions: dict[int, Session]) -> int:
    """A run that went on is one session; so are the files of a process that filled several."""
    run = (session.run_id, session.origin)
    for number, known in sessions.items():
        if run != _NO_RUN and (known.run_id, known.origin) == run:
            return number
    last = len(sessions)
    goes_on = run == _NO_RUN and _FIRST_OF_SESSION not in session.file
    if goes_on and last and (sessions[last].run_id, sessions[last].origin) == _NO_RUN:
        return last
    sessions[last + 1] = session
    return last + 1


def _capture(record: Record, name: str, session: int) -> Values | None:
    uri, date = record.target_uri, record.date
    if uri is None or date is None or not uri.lower().startswith("http"):
        return None
    answer = _answer(record.block) if record.is_http else None
    revisit = record.record_type == "revisit"
    # How much a revisit left out is told by its head alone, and only where it came in one piece.
    left_out = answer.promised_bytes if answer else None
    size = len(record.block) - (_head_bytes(record.block) if answer else 0)
    return {
        "record_id": record.record_id,
        "file": name,
        "warc_offset": record.offset,
        "warc_length": record.length,
        "record_type": record.record_type,
        "uri": uri,
        "captured_at": date,
        "status": answer.status if answer else (200 if record.record_type == "resource" else 0),
        "size_bytes": left_out or 0 if revisit else size,
        "media_type": answer.media_type if answer else _own_type(record),
        "payload_digest": record.header("WARC-Payload-Digest"),
        "truncated": None if revisit else record.header("WARC-Truncated"),
        "etag": answer.header("etag") if answer else None,
        "last_modified": answer.header("last-modified") if answer else None,
        "request_offset": None,
        "request_length": None,
        "method": "GET",
        "body": None,
        "repeats": record.header("WARC-Refers-To") or record.header("WARC-Concurrent-To"),
        "session": session,
        "capture_id": None,
    }


def _add_beside(row: Values, record: Record) -> None:
    """What a request says of its capture, and a 304 that is kept beside its revisit."""
    if record.record_type == "request":
        row |= {"request_offset": record.offset, "request_length": record.length}
        method = record.block.partition(b" ")[0].decode("ascii", "replace")
        if method not in ("GET", ""):
            body = record.block.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")
            row |= {"method": method, "body": body}
    elif (record.target_uri or "").startswith(NOT_MODIFIED_SCHEME):
        answer = _answer(record.block)
        if answer is not None:
            row |= {
                "status": answer.status,
                "media_type": answer.media_type,
                "etag": answer.header("etag"),
                "last_modified": answer.header("last-modified"),
            }


def _answer(block: bytes) -> Response | None:
    with suppress(MessageError):
        return parse_response(block[:HEAD_ROOM], limits=Limits())
    return None


def _head_bytes(block: bytes) -> int:
    """All of it where the head does not end: nothing of a body came."""
    end = head_length(block, interim_length(block))
    return len(block) if end is None else end


def _own_type(record: Record) -> str | None:
    sent = record.header("Content-Type")
    return sent.partition(";")[0] if sent and record.record_type == "resource" else None


def _fields(record: Record) -> dict[str, str]:
    return dict(_pairs(record.block))


def _pairs(block: bytes) -> Iterator[tuple[str, str]]:
    for line in block.decode("utf-8", "replace").splitlines():
        name, mark, value = line.partition(": ")
        if mark:
            yield name, value


def _unread(path: WarcFile, record: Record, error: WarcError) -> Damage:
    return Damage(
        file=str(path),
        offset=record.offset,
        severity=Severity.ERROR,
        rule="run_record",
        message=str(error),
    )
