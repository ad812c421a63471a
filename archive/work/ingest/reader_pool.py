"""Reading processes: captures are read off the crawl loop, in children that end with their parent.

Each child reads its bytes from the WARC itself, so no body crosses a pipe. A child is limited in
memory and time, and replaced after a number of pages.
"""

import gc
import hashlib
import os
import resource
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

from archive.model.errors import DamageError, MessageError
from archive.model.frontier import WarcSpot
from archive.model.optical import OpticalReading
from archive.model.outcome import Role
from archive.model.packed import PackedReading
from archive.model.reading import Finding, Reading, Severity, Source
from archive.search.grams import grams_of
from archive.store.write.packed import pack_reading, without_bulk
from archive.warc.binary import is_binary
from archive.warc.disposition import file_name
from archive.warc.folder import WarcFolder
from archive.warc.message import Decoded, Limits, parse_response
from archive.warc.reader import read_record
from archive.work.ingest.process_pool import ChildDiedError, Children

READING_TIMEOUT_S: Final = 60.0
MEMORY_LIMIT_BYTES: Final = 3 * 1024**3
PAGES_PER_CHILD: Final = 2_000
CUT_SHORT: Final = "cut_short"
# What reading one capture may end with: the capture is refused, and the work goes on.
_EACH: Final = 20
READING_ERRORS: Final = (FutureTimeoutError, ChildDiedError, DamageError)
UNDECODED: Final = "called text, but it is binary in a coding or form that nothing tells"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingTask:
    """One capture to read.

    same_as: the decoded body's digest of the previous capture; when the body is still the same,
        it is not read again. None reads it whatever it is.
    same_content: content hash of the latest version; a reading with the same is not made ready to
        be stored. None when there is no version to compare with.
    division: code of the portal's place; None when the catalogue does not give it.
    post_body: the body of a POST, which a list's further windows repeat; None for a GET.
    max_bytes: the largest answer that the portal takes; None takes the usual limit.
    although_cut: a body that only misses its end is read, with a finding.
    only_requisites: nothing is read but which style sheets and images the page shows.
    only_pictures: nothing is read but which pictures stand for its text.
    optical: what was seen on its pictures, as the ledger keeps it; None reads without.
    listed: what a list calls the page; None where that is not told.
    """

    spot: WarcSpot
    url: str
    role: Role
    family: str | None
    division: str | None = None
    post_body: str | None = None
    same_as: str | None = None
    same_content: str | None = None
    max_bytes: int | None = None
    although_cut: bool = False
    only_requisites: bool = False
    only_pictures: bool = False
    optical: bytes | None = None
    listed: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a task.

    body_digest: hex SHA-256 of the decoded body; None when it could not be taken apart.
    reading: None when the body was the same as before, or refused; without its bulk when
        `packed` holds that.
    location: where a redirect leads; None when it does not say.
    refused: why the body was not read (a bomb, broken coding); None when it was.
    is_cut: of a body that was refused: whether it only misses its end.
    requisites: URLs of the style sheets and images that the page shows, or of the pictures that
        stand for its text, where they were asked for.
    optical: what a reading with pictures has besides; None without.
    """

    body_digest: str | None
    reading: Reading | None
    location: str | None = None
    refused: str | None = None
    is_cut: bool = False
    packed: PackedReading | None = None
    requisites: tuple[str, ...] = ()
    optical: OpticalReading | None = None


def refusal(error: Exception) -> Answer:
    """The answer to a task whose reading ended with one of READING_ERRORS."""
    if isinstance(error, FutureTimeoutError):
        why = "reading took too long"
    elif isinstance(error, ChildDiedError):
        why = f"the reading process died: {error}"
    else:
        why = str(error)
    return Answer(body_digest=None, reading=None, refused=why)


def read_capture(folder: WarcFolder, task: ReadingTask) -> Answer:
    """Reads one capture from the WARC folder. Damage of the record itself raises WarcError; a page
    that needs more memory than a reading process may have comes back refused.
    """
    try:
        return _read(folder, task)
    except MemoryError:
        limit = MEMORY_LIMIT_BYTES // 1024**3
        why = f"reading it needs more memory than the {limit} GiB that a reading process may have"
        return Answer(body_digest=None, reading=None, refused=why)


def _read(folder: WarcFolder, task: ReadingTask) -> Answer:
    usual = Limits()
    max_bytes = max(task.max_bytes or 0, usual.max_inflated_bytes)
    limits = replace(usual, max_inflated_bytes=max_bytes)
    answer = parse_response(_message(folder, task.spot), limits=limits)
    location = answer.location
    try:
        entity = answer.entity(name=urlsplit(task.url).path)
    except MessageError as error:
        return Answer(body_digest=None, reading=None, location=location, refused=str(error))
    if entity.damage and not (entity.is_cut and entity.body and task.although_cut):
        return Answer(
            body_digest=None,
            reading=None,
            location=location,
            refused=entity.damage,
            is_cut=entity.is_cut,
        )
    digest = hashlib.sha256(entity.body).hexdigest()
    if digest == task.same_as or 300 <= answer.status < 400:
        return Answer(body_digest=digest, reading=None, location=location)
    if not answer.is_file(urlsplit(task.url).path) and _is_undecoded(entity.body):
        return Answer(body_digest=None, reading=None, location=location, refused=UNDECODED)
    source = Source(
        url=task.url,
        body=entity.body,
        media_type=answer.media_type,
        charset=answer.charset,
        file_name=file_name(answer.header("content-disposition")),
        role=task.role,
        family=task.family,
        division=task.division,
        post_body=task.post_body,
        refresh=answer.refresh,
        listed=task.listed,
    )
    if task.only_requisites or task.only_pictures:
        return Answer(body_digest=digest, reading=None, requisites=_shown(source, task))
    return replace(_understood(source, entity, digest, task), location=location)


def _shown(source: Source, task: ReadingTask) -> tuple[str, ...]:
    from archive.reading import requisites  # noqa: PLC0415 - as `read`

    if task.only_pictures:
        return requisites.pictures_for_text(source)
    return requisites.requisites_of(source)


def _understood(source: Source, entity: Decoded, digest: str, task: ReadingTask) -> Answer:
    from archive.reading.read import read  # noqa: PLC0415 - the parent never reads: half a second
    from archive.work.ingest.converters import with_conversion  # noqa: PLC0415 - the same

    source = with_conversion(source)
    reading = _with_doubts(read(source), entity)
    if task.optical is None:
        return _answer(digest, reading, task)
    from archive.work.ingest.optical_reading import read_with_pictures  # noqa: PLC0415 - the same

    better, optical = read_with_pictures(source, task.optical)
    answer = _answer(digest, _with_doubts(better, entity), task)
    return replace(answer, optical=replace(optical, captured_hash=reading.content_hash))


def _is_undecoded(body: bytes) -> bool:
    """Whether a body that is called text is no text, and no file that is known either."""
    from archive.reading.files.magic import magic_of  # noqa: PLC0415 - as `read`

    return magic_of(body) is None and is_binary(body)


def _with_doubts(reading: Reading, entity: Decoded) -> Reading:
    """The reading with what the wire did to the page."""
    found = list(reading.findings)
    if entity.damage:
        message = "the answer ends before its end, the same at every try; what came was read"
        found.append(_finding(CUT_SHORT, Severity.ERROR, message, entity.damage))
    if entity.remark:
        message = "the answer is not what its head says; it was read as browsers read it"
        found.append(_finding("odd_answer", Severity.INFO, message, entity.remark))
    return replace(reading, findings=tuple(found))


def _finding(rule: str, severity: Severity, message: str, evidence: str) -> Finding:
    return Finding(rule=rule, severity=severity, message=message, evidence=evidence[:300])


def _answer(digest: str, reading: Reading, task: ReadingTask) -> Answer:
    if reading.content_hash == task.same_content:
        return Answer(body_digest=digest, reading=without_bulk(reading))
    terms = " ".join(grams_of(reading.title, "\n".join(reading.lines)))
    return Answer(
        body_digest=digest,
        reading=without_bulk(reading),
        packed=pack_reading(reading, terms=terms),
    )


def _message(folder: WarcFolder, spot: WarcSpot) -> bytes:
    """The bytes of the wire; of a rendered document the answer that would have brought it."""
    record = read_record(folder, spot)
    if record.is_http:
        return record.block
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {record.header('Content-Type')}\r\n\r\n"
    return head.encode("ascii", "replace") + record.block


def worth_starting(captures: int) -> int:
    """How many reading processes so many captures are worth: each takes as long to start as twenty
    take to be read; no more than there are processors.
    """
    return max(1, min(os.cpu_count() or 1, captures // _EACH))


class Readers:
    """A few reading processes over one WARC folder."""

    def __init__(self, folder: WarcFolder, *, processes: int) -> None:
        self._children = Children(
            partial(read_capture, folder),
            begin=_prepare_child,
            processes=processes,
            timeout_s=READING_TIMEOUT_S,
            tasks_each=PAGES_PER_CHILD,
        )

    def read(self, task: ReadingTask) -> "Future[Answer]":
        """The answer; its future raises TimeoutError when reading took too long, ChildDiedError
        when the reading process died twice over it, WarcError when the record is damaged.
        """
        return self._children.submit(task)

    def close(self) -> None:
        """Ends the processes; what they did not read is kept and read by the next run."""
        self._children.close()


def _prepare_child() -> None:
    """Limits the child's memory, and loads the reader before the first page comes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    gc.disable()  # what is loaded stays: no collection goes through it, now or later
    import_module("archive.reading.read")
    gc.freeze()
    gc.enable()
