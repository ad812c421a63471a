"""What today's reader makes of all stored captures of one page, in the order of time. Pure.

Captures are compared with each other as today's reader gives them, never with what an older one
gave: a better reading is no change of the page. Where an older reader had missed the page in a
capture, or had seen no change, today's may make a version of it; no version that there is gets
another number for that.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from archive.model.frontier import Lease, Previous, Record, StoredCapture
from archive.model.optical import OpticalReading
from archive.model.outcome import Outcome
from archive.model.packed import PackedReading
from archive.model.reading import Finding, Reading, Severity
from archive.reading import READER_VERSION
from archive.store.query.pages_to_reread import (
    MISSED,
    KnownVersion,
    PageToReread,
    StoredVisit,
)
from archive.store.write.optical import OpticalPart
from archive.store.write.rereading import RereadPage
from archive.store.write.versioning import Understood
from archive.work.ingest.outcomes import MAX_ATTEMPTS
from archive.work.ingest.reader_pool import Answer
from archive.work.ingest.stored_capture import decide_answer
from archive.work.preservation.reread_notes import Note, What

AnswerOf = Callable[[StoredVisit], Answer | str]


@dataclass(slots=True, kw_only=True)
class _Latest:
    """The version that the page shows at a point in time. content_hash: as today's reader gives
    it; None when that is not known.
    """

    number: int
    visit: StoredVisit
    kind: str
    report_year: int | None
    content_hash: str | None
    version: KnownVersion | None


@dataclass(slots=True, kw_only=True)
class _Read:
    visit: StoredVisit
    reading: Reading
    packed: PackedReading
    optical: OpticalReading | None = None

    @property
    def captured_hash(self) -> str:
        """Its content hash without what was seen on pictures."""
        return self.optical.captured_hash if self.optical else self.reading.content_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a page comes to, and what is worth a line about it."""

    page: RereadPage
    notes: tuple[Note, ...]


def visits_to_read(
    page: PageToReread, older: Collection[str]
) -> list[tuple[StoredVisit, KnownVersion | None]]:
    """The captures that `planned` asks for, in its order: those of versions of an older reader,
    those that were taken for unchanged since, and those that had been taken for no page. A capture
    whose pictures were exchanged is that of several versions, and asked for once for each.
    """
    own = _by_capture(page.versions)
    stale = False
    chosen: list[tuple[StoredVisit, KnownVersion | None]] = []
    for visit in page.visits:
        versions = own.get(visit.capture_id, ())
        for version in versions:
            stale = version.reader_version in older
            chosen += [(visit, version)] if stale else []
        unchanged = stale and visit.outcome == Outcome.UNCHANGED
        unread = visit.reader_version is None or visit.reader_version in older
        missed = visit.outcome in MISSED and unread
        if not versions and visit.has_body and (unchanged or missed):
            chosen.append((visit, None))
    return chosen


def _by_capture(versions: Iterable[KnownVersion]) -> dict[int, list[KnownVersion]]:
    own: dict[int, list[KnownVersion]] = {}
    for each in versions:
        own.setdefault(each.capture_id, []).append(each)
    return own


def planned(page: PageToReread, older: Collection[str], answer_of: AnswerOf) -> Plan:
    """What the page comes to. answer_of: what a capture gives, asked in the order of
    `visits_to_read`; a text says why it gives nothing.
    """
    return _Walk(page, older).planned(answer_of)


class _Walk:
    def __init__(self, page: PageToReread, older: Collection[str]) -> None:
        self._page, self._older = page, older
        self._own = _by_capture(page.versions)
        place_of = {each.capture_id: place for place, each in enumerate(page.visits)}
        self._version_places = [
            (place_of[each.capture_id], each)
            for each in page.versions
            if each.capture_id in place_of
        ]
        self._repeats = [
            (place, place_of[each.refers_to])
            for place, each in enumerate(page.visits)
            if each.outcome == Outcome.UNCHANGED and not each.has_body
            if each.refers_to in place_of
        ]
        self._latest: _Latest | None = None
        self._read: dict[int, _Read] = {}
        self._added: list[_Read] = []
        self._next_number = max((each.number for each in page.versions), default=0) + 1
        self._looked_into: list[int] = []
        self._notes: list[Note] = []

    def planned(self, answer_of: AnswerOf) -> Plan:
        to_read = {
            (visit.capture_id, version and version.version_id)
            for visit, version in visits_to_read(self._page, self._older)
        }
        for place, visit in enumerate(self._page.visits):
            versions = self._own.get(visit.capture_id, ())
            for version in versions:
                wanted = (visit.capture_id, version.version_id) in to_read
                self._meet_version(version, visit, answer_of(visit) if wanted else None)
            if not versions and (visit.capture_id, None) in to_read:
                self._meet_visit(place, visit, answer_of(visit))
        self._note_equal()
        return Plan(page=self._result(), notes=tuple(self._notes))

    def _meet_version(
        self, version: KnownVersion, visit: StoredVisit, answer: Answer | str | None
    ) -> None:
        of_today = version.reader_version == READER_VERSION
        self._latest = _Latest(
            number=version.number,
            visit=visit,
            kind=version.kind,
            report_year=version.report_year,
            content_hash=version.content_hash if of_today else None,
            version=version,
        )
        if isinstance(answer, str):
            self._note(What.LOST, visit, answer, version.number)
        elif answer is not None:
            self._accept(version, visit, answer)

    def _accept(self, version: KnownVersion, visit: StoredVisit, answer: Answer) -> None:
        reading, packed = answer.reading, answer.packed
        if reading is None or packed is None or self._latest is None:
            return
        if (worse := _worse(version.rules, reading)) is not None:
            self._note(What.LOST, visit, worse, version.number)
            return
        no_page = _no_page(reading)
        if no_page is not None:
            self._note(What.NO_PAGE, visit, no_page.message, version.number)
            reading = replace(reading, findings=(*reading.findings, no_page))
        read = _Read(visit=visit, reading=reading, packed=packed, optical=answer.optical)
        self._read[version.version_id] = read
        self._latest.content_hash = read.captured_hash
        self._latest.kind, self._latest.report_year = reading.kind, reading.report_year

    def _meet_visit(self, place: int, visit: StoredVisit, answer: Answer | str) -> None:
        latest = self._latest
        rules = latest.version.rules if latest and latest.version else ()
        why = answer if isinstance(answer, str) else _worse(rules, answer.reading)
        if isinstance(answer, str) or why is not None:
            number = latest.number if latest and visit.outcome == Outcome.UNCHANGED else None
            self._note(What.LOST, visit, why or "", number)
            return
        if latest is not None and latest.content_hash is None:
            if visit.outcome == Outcome.UNCHANGED and latest.version is not None:
                self._accept(latest.version, visit, answer)  # its own capture is lost
            return
        if visit.outcome in MISSED:
            self._looked_into.append(visit.capture_id)
        if not self._is_same(answer):
            self._decide(place, visit, answer)

    def _is_same(self, answer: Answer) -> bool:
        """Whether a capture shows the latest content; its header fields are then the newest."""
        latest, reading = self._latest, answer.reading
        if latest is None or reading is None or latest.content_hash != reading.content_hash:
            return False
        known = self._read.get(latest.version.version_id) if latest.version else None
        if known is not None and known.optical is None:
            known.reading = replace(known.reading, fields=reading.fields, identity=reading.identity)
        return True

    def _decide(self, place: int, visit: StoredVisit, answer: Answer) -> None:
        """Decides as a crawl does that has today's reader."""
        reading, packed = answer.reading, answer.packed
        if reading is None or packed is None:
            return
        lease = self._lease(visit)
        decision = decide_answer(
            lease, lease, _stored(visit), answer, visit.captured_at,
            previous_hash=self._latest.content_hash if self._latest else None, redirects={},
        )  # fmt: skip
        if not isinstance(decision, Record) or not decision.new_version:
            return
        ended = f"the visit ended {visit.outcome}; today's reader takes it for: {reading.kind}"
        passed = self._passed(place)
        if passed is not None:
            self._note(What.PASSED, visit, f"{ended}; {passed}, so it makes no version")
            return
        number = self._next_number + len(self._added)
        self._added.append(_Read(visit=visit, reading=reading, packed=packed))
        self._note(What.MADE, visit, ended, number)
        self._latest = _Latest(
            number=number, visit=visit, kind=reading.kind, report_year=reading.report_year,
            content_hash=reading.content_hash, version=None,
        )  # fmt: skip

    def _passed(self, place: int) -> str | None:
        """Why the page went on from a capture otherwise than by it; None when it did not."""
        for later, version in self._version_places:
            if later > place:
                return f"version {version.number} was captured later"
        if any(repeated < place < later for later, repeated in self._repeats):
            return "a later visit showed what stood there before"
        return None

    def _lease(self, visit: StoredVisit) -> Lease:
        page, latest = self._page, self._latest
        return Lease(
            page_id=page.page_id,
            run_id=visit.run_id,
            portal_key=page.portal_key,
            url=page.url,
            method="GET" if page.post_body is None else "POST",
            body=page.post_body,
            role=page.role,
            depth=page.depth,
            attempts=MAX_ATTEMPTS,
            family=page.family,
            division=page.division,
            previous=_previous(latest) if latest else None,
        )

    def _note(
        self, what: What, visit: StoredVisit, message: str, version: int | None = None
    ) -> None:
        self._notes.append(
            Note(what=what, url=self._page.key, at=visit.captured_at, message=message,
                 version=version)
        )  # fmt: skip

    def _note_equal(self) -> None:
        """Of two neighbours that today's reader cannot tell apart both stay: they were cited."""
        for before, after in zip(self._page.versions, self._page.versions[1:], strict=False):
            both = {before.version_id, after.version_id}
            hashes = [self._hash_of(each) for each in (before, after)]
            if hashes[0] is None or hashes[0] != hashes[1] or not both & self._read.keys():
                continue
            if before.capture_id == after.capture_id:
                continue  # their pictures differ
            visit = next(each for each in self._page.visits if each.capture_id == after.capture_id)
            message = f"equal to version {before.number} as today's reader reads both"
            self._note(What.EQUAL, visit, message, after.number)

    def _hash_of(self, version: KnownVersion) -> str | None:
        read = self._read.get(version.version_id)
        if read is not None:
            return read.captured_hash
        return version.content_hash if version.reader_version == READER_VERSION else None

    def _result(self) -> RereadPage:
        latest = self._page.versions[-1] if self._page.versions else None
        return RereadPage(
            page_id=self._page.page_id,
            latest_id=latest.version_id if latest else None,
            replaced=tuple(self._replaced(latest)),
            added=tuple(
                self._understood(each, number, None, None)
                for number, each in enumerate(self._added, self._next_number)
            ),
            looked_into=tuple(self._looked_into),
        )

    def _replaced(self, latest: KnownVersion | None) -> Iterator[Understood]:
        for version in self._page.versions:
            read = self._read.get(version.version_id)
            if read is not None:
                yield self._understood(read, version.number, version, latest)

    def _understood(
        self,
        read: _Read,
        number: int,
        version: KnownVersion | None,
        latest: KnownVersion | None,
    ) -> Understood:
        return Understood(
            page_id=self._page.page_id,
            version_id=version.version_id if version else None,
            latest_id=latest.version_id if latest else None,
            number=number,
            reading=read.reading,
            packed=read.packed,
            capture_id=version.capture_id if version else read.visit.capture_id,
            run_id=read.visit.run_id,
            captured_at=read.visit.captured_at,
            optical=_optical(version, read.optical),
        )


def _optical(version: KnownVersion | None, reading: OpticalReading | None) -> OpticalPart | None:
    """What is stored beside a reading with the pictures that a version was read with before."""
    if version is None or version.pictures is None or reading is None:
        return None
    seen = version.pictures
    return OpticalPart(
        document_id=seen.document.document_id,
        engine=seen.document.engine,
        captures=tuple(each.capture_id for each in seen.pictures),
        missing=seen.missing,
        reading=reading,
    )


def _worse(before: Collection[str], reading: Reading | None) -> str | None:
    """Why what an older reader understood is not given up for this; None when it is. before: rules
    of its findings (OF_THE_READING).
    """
    rules = {each.rule: each.message for each in reading.findings} if reading else {}
    if "reader_failed" in rules and "reader_failed" not in before:
        return rules["reader_failed"]
    if "file_not_converted" in rules and "file_converted" in before:
        return f"it was converted when it was read before; now: {rules['file_not_converted']}"
    return None


def _no_page(reading: Reading) -> Finding | None:
    """Why a crawl with today's reader would make no version of it; None when it would."""
    if reading.blocked is not None:
        rule, why = Outcome.BLOCKED, reading.blocked
    elif reading.soft_404 is not None:
        rule, why = Outcome.SOFT_404, reading.soft_404
    elif reading.forward is not None:
        rule, why = Outcome.REDIRECTED, f"to {reading.forward.url} ({reading.forward.how})"
    else:
        return None
    message = f"today's reader takes the page for {rule}: {why}"
    return Finding(rule=rule.value, severity=Severity.WARNING, message=message)


def _stored(visit: StoredVisit) -> StoredCapture:
    return StoredCapture(
        capture_id=visit.capture_id,
        spot=visit.spot,
        status=visit.status,
        captured_at=visit.captured_at,
        record_type=visit.record_type,
        payload_digest=visit.payload_digest,
        truncated=visit.truncated,
        record_id=visit.record_id,
    )


def _previous(latest: _Latest) -> Previous:
    return Previous(
        capture_id=latest.visit.capture_id,
        spot=latest.visit.spot,
        captured_at=latest.visit.captured_at,
        payload_digest=latest.visit.payload_digest or "",
        etag=None,
        last_modified=None,
        version_id=latest.version.version_id if latest.version else None,
        version_number=latest.number,
        content_hash=latest.content_hash,
        reader_version=READER_VERSION,
        kind=latest.kind,
        report_year=latest.report_year,
    )
