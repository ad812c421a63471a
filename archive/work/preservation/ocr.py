"""Versions whose text is in pictures, read with what a model sees there: a queue behind the crawl.

What the model saw is kept before anything is made of it, once for the same pictures and the same
engine: ended at any moment, the same command goes on, and done it does nothing. What failed is not
kept, and waits behind the others: a process that died, a damaged record may pass. A reading with
pictures takes the place of the one without, which stays beside it; it is no change of the page.
Where a picture was exchanged since, it is one: the page's next version, of the same capture.
"""

from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final, TypeAlias

from archive.model.errors import CannotRunError, DamageError
from archive.model.optical import Certainty, OpticalDocument, OpticalReading
from archive.reading import READER_VERSION
from archive.reading.report import year_of_title
from archive.store import Store
from archive.store.query.listed import texts_of_links
from archive.store.query.optical import (
    Exchanged,
    PictureCapture,
    PictureVersion,
    WantedPictures,
    captures_of_pictures,
    digest_of_pictures,
    kept_document,
    next_number,
    picture_versions_after,
    still_stands,
)
from archive.store.write.optical import OpticalPart
from archive.store.write.optical_documents import KeptDocument, keep_document, unpack_document
from archive.store.write.rereading import RereadPage, store_reread
from archive.store.write.versioning import Understood
from archive.work.disk_guard import DiskGuard
from archive.work.home import Home, this_process
from archive.work.ingest.covering import cover, to_cover_anew
from archive.work.ingest.derived import bring_up_to_date
from archive.work.ingest.optical_child import Recognisers
from archive.work.ingest.process_pool import ChildDiedError
from archive.work.ingest.reader_pool import Answer, Readers, refusal
from archive.work.preservation.reading_again import answered, task_for

COMMAND: Final = "ocr"
_AT_ONCE: Final = 50
Held: TypeAlias = Callable[[], AbstractContextManager[object]]
_NO_URL: Final = (
    "its pictures have no URL that a crawl asks for (data: or file:), so they are not read"
)
_PASSING: Final = (TimeoutError, ChildDiedError, DamageError)


class Came(StrEnum):
    """What came of a version. READ: it is read with its pictures. MISSING: no picture of it is
    captured. UNREADABLE: none of its pictures can be read, whoever tries. FAILED: it could not be
    read with them, and waits on. PASSED: a crawl made another version meanwhile.
    """

    READ = "read"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    FAILED = "failed"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturesReport:
    """What came of one version. missing: how many of its pictures are not captured. figures: how
    many of its figures are how sure. recognised: whether the engine was asked; False where it had
    been before. why: in words, where it was not read; "" else.
    """

    url: str
    version: int
    came: Came
    missing: int = 0
    figures: Mapping[Certainty, int] = field(default_factory=dict)
    recognised: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Shown:
    """The pictures of a version that are captured, and how many are not."""

    captures: tuple[PictureCapture, ...]
    missing: int = 0

    @property
    def why_not(self) -> str:
        """Why nothing can be looked at, where no count of missing pictures says so."""
        return "" if self.captures or self.missing else _NO_URL


def read_pictures(
    store: Store,
    home: Home,
    wanted: WantedPictures,
    *,
    now: Callable[[], datetime],
    guard: DiskGuard,
    dry_run: bool = False,
    goes_on: Callable[[], bool] = lambda: True,
    held: Held | None = None,
) -> Generator[PicturesReport, None, None]:
    """Reads the versions that wait for it, each stored before it is told; a dry run tells which
    would be read. wanted.engine None asks no engine: what was seen before is taken. goes_on: asked
    before each version. held: holds what no visit may have while something is stored, of whoever
    shares the archive with others, and leaves what follows from all versions to the upkeep; None:
    holds all of the archive. HomeLockedError: a crawl is at work, which goes first;
    CannotRunError: disk.
    """
    queue = _Queue(store, home, wanted, now, held or partial(_locked, store, home))
    with closing(queue):
        failed = home.failed_pictures()
        for each in _waiting(store, wanted, failed):
            if not goes_on():
                break
            report = queue.planned(each) if dry_run else queue.read(each)
            if report.came is Came.FAILED and not dry_run and each.version_id not in failed:
                home.note_failed_pictures(each.version_id)
            yield report
            guard.check()
    if queue.stored and held is None:
        with _locked(store, home):
            bring_up_to_date(store)
            cover(store, None, now=now(), anew=True)


def _locked(store: Store, home: Home) -> ExitStack:
    """Only while something is stored: a crawl never waits for a picture."""
    with ExitStack() as stack:
        stack.enter_context(home.locked(COMMAND))
        stack.enter_context(store.advisory_lock(this_process(COMMAND)))
        return stack.pop_all()


def _waiting(
    store: Store, wanted: WantedPictures, failed: frozenset[int]
) -> Iterator[PictureVersion]:
    """Those that failed before come last: none of them keeps the others waiting for ever."""
    tried: set[tuple[int, Exchanged | None]] = set()
    for again in (False, True) if failed else (False,):
        for each in _all_that_wait(store, wanted):
            if (each.version_id in failed) is again:
                tried.add((each.version_id, each.exchanged))
                yield each
    # Of what was read now a picture may have been exchanged since.
    for each in _all_that_wait(store, wanted):
        if each.exchanged is not None and (each.version_id, each.exchanged) not in tried:
            yield each


def _all_that_wait(store: Store, wanted: WantedPictures) -> Iterator[PictureVersion]:
    last = 0
    while True:
        with store.read() as connection:
            portion = picture_versions_after(connection, last, _AT_ONCE, wanted)
        if not portion:
            return
        yield from portion
        last = portion[-1].version_id


class _Queue:
    """Reads one version after the other. stored: how many came to something."""

    def __init__(
        self,
        store: Store,
        home: Home,
        wanted: WantedPictures,
        now: Callable[[], datetime],
        held: Held,
    ) -> None:
        self._store, self._wanted, self._now, self._held = store, wanted, now, held
        self._readers = Readers(home.files, processes=1)
        self._recognisers = Recognisers(home.files)
        self.stored = 0

    def close(self) -> None:
        """Ends the child processes."""
        self._readers.close()
        self._recognisers.close()

    def planned(self, each: PictureVersion) -> PicturesReport:
        """What `read` would look at."""
        report = partial(PicturesReport, url=each.key, version=each.number)
        shown = self._shown(each)
        if isinstance(shown, str):
            return report(came=Came.FAILED, why=shown)
        came = Came.READ if shown.captures else Came.MISSING
        return report(came=came, missing=shown.missing, why=shown.why_not)

    def read(self, each: PictureVersion) -> PicturesReport:
        """Recognises, keeps, reads and stores."""
        report = partial(PicturesReport, url=each.key, version=each.number)
        with self._held():
            pass  # whoever works on the archive goes first
        shown = self._shown(each)
        if isinstance(shown, str):
            return report(came=Came.FAILED, why=shown)
        known = self._known(shown) if shown.captures else None
        if not shown.captures or (known is None and self._wanted.engine is None):
            why = "nobody has looked at its pictures yet" if shown.captures else shown.why_not
            return report(came=Came.MISSING, missing=shown.missing, why=why)
        seen = known or self._recognised(shown)
        if isinstance(seen, str):
            return report(came=Came.FAILED, missing=shown.missing, why=seen)
        task = task_for(each, each.spot, optical=seen.packed, listed=self._listed(each))
        answer = answered(self._readers.read(task))
        if isinstance(answer, str) or answer.optical is None:
            return report(came=Came.FAILED, why=str(answer))
        number = self._take(each, answer, answer.optical, seen, shown)
        if number is None:
            return report(came=Came.PASSED, why="a later version of the page came meanwhile")
        document = unpack_document(seen.packed)
        unread = "; ".join(each.message for each in document.findings)
        return report(
            came=Came.READ if document.pages else Came.UNREADABLE, version=number,
            missing=shown.missing, recognised=known is None, figures=_counted(answer.optical),
            why="" if document.pages else unread or "nothing of its pictures can be read",
        )  # fmt: skip

    def _shown(self, each: PictureVersion) -> _Shown | str:
        """The pictures of a version; a text says why they cannot be found out."""
        task = replace(task_for(each, each.spot), only_pictures=True)
        try:
            found: Answer = self._readers.read(task).result()
        except _PASSING as error:
            found = refusal(error)
        if found.refused:
            return found.refused
        if each.url in found.requisites:  # a file: its body holds them
            return _Shown((each.own,))
        with self._store.read() as connection:
            captures = captures_of_pictures(connection, found.requisites, each)
        there = tuple(capture for capture in captures if capture is not None)
        return _Shown(there, missing=len(captures) - len(there))

    def _listed(self, each: PictureVersion) -> str | None:
        """The title of a report that lists give a page; None when they give none."""
        with self._store.read() as connection:
            texts = texts_of_links(connection, each.page_id)
        return next((text for text in texts if year_of_title(text) is not None), None)

    def _known(self, shown: _Shown) -> KeptDocument | None:
        pictures = digest_of_pictures(shown.captures)
        with self._store.read() as connection:
            return kept_document(connection, pictures, self._wanted.engine)

    def _recognised(self, shown: _Shown) -> KeptDocument | str:
        """What the engine sees, kept; a text says why it came to nothing, which is not kept."""
        document = _seen(self._recognisers.recognise(shown.captures))
        if isinstance(document, str):
            return document
        pictures = digest_of_pictures(shown.captures)
        with self._store.write() as connection:
            return keep_document(connection, pictures, document, self._now())

    def _take(
        self,
        each: PictureVersion,
        answer: Answer,
        optical: OpticalReading,
        seen: KeptDocument,
        shown: _Shown,
    ) -> int | None:
        """Stores the reading: of the version, or of the next one where an exchanged picture says
        something else. The version's number; None where it is the latest no more.
        """
        if answer.reading is None or answer.packed is None:
            return None
        moment = each.exchanged if answer.reading.content_hash != each.content_hash else None
        part = OpticalPart(
            document_id=seen.document_id,
            engine=seen.engine,
            captures=tuple(capture.capture_id for capture in shown.captures),
            missing=shown.missing,
            reading=optical,
        )
        understood = Understood(
            page_id=each.page_id,
            version_id=None if moment else each.version_id,
            latest_id=each.version_id,
            number=each.number,
            reading=answer.reading,
            packed=answer.packed,
            capture_id=each.capture_id,
            run_id=(moment or each).run_id,
            captured_at=(moment or each).captured_at,
            optical=part,
        )
        with self._held(), self._store.write() as connection:
            if not still_stands(connection, each):
                return None
            if moment:
                understood = replace(understood, number=next_number(connection, each.page_id))
            page = RereadPage(
                page_id=each.page_id, latest_id=each.version_id, looked_into=(),
                replaced=() if moment else (understood,), added=(understood,) if moment else (),
            )  # fmt: skip
            store_reread(
                connection, [page], reader_version=READER_VERSION, at=self._now(),
                on_versions=self._store.on_versions,
            )  # fmt: skip
            to_cover_anew(connection)  # whatever ends this before its end
        self.stored += 1
        return understood.number


def _seen(future: "Future[OpticalDocument]") -> OpticalDocument | str:
    try:
        return future.result()
    except CannotRunError:
        raise  # a bucket does not answer, the package is gone: no fault of these pictures
    except _PASSING as error:
        return refusal(error).refused or str(error)
    except Exception as error:  # noqa: BLE001 - one page must not end the work on all others
        return f"internal error: {type(error).__name__}: {error}"


def _counted(optical: OpticalReading) -> dict[Certainty, int]:
    sure = [each.certainty for each in optical.figures]
    return {certainty: sure.count(certainty) for certainty in Certainty}
