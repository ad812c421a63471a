"""Captures of foreign files are written into WARC files of ours and into the ledger, batch by
batch: append, fsync, commit. A capture that the archive has is left as it is, so that the same file
again, or the same command after a crash, adds what is missing and nothing twice.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from archive.model.errors import WarcError
from archive.model.frontier import NewCapture
from archive.model.outcome import Role
from archive.model.url import canonical, host_of, key_of
from archive.store import Store
from archive.store.catalogue import save_portals
from archive.store.query.taken_in import (
    CaptureIdentity,
    Original,
    RevisitClues,
    known_captures,
    original_of,
    portals_of_pages,
)
from archive.store.write.taken_in import TakenIn, keep_taken_in
from archive.warc.digest import Digest, parse_digest
from archive.warc.record import Profile, Revisit, parse_date
from archive.warc.transcribe import ForeignCapture, SourceNote, Transcribed, clean, transcribe
from archive.warc.writer import WarcWriter
from archive.work.imports.candidates import Candidate
from archive.work.imports.portal_rules import PortalRules
from archive.work.imports.report import LeftOut, Report
from archive.work.imports.scanning import left_out
from archive.work.imports.sources import SourceFile

_BATCH: Final = 64
_BATCH_BYTES: Final = 16 * 1024 * 1024
_MAX_VALUE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where captures are kept: the run that takes them in, the ledger, the WARC files."""

    run_id: int
    store: Store
    writer: WarcWriter


class TakingIn:
    """`add` captures of one file after the other, `flush` at the end of each.

    kept: None only counts (--dry-run). ledger: None where there is no archive yet.
    """

    def __init__(
        self, ledger: Store | None, kept: Kept | None, rules: PortalRules, report: Report
    ) -> None:
        self._ledger = ledger
        self._kept = kept
        self._rules = rules
        self._report = report
        self._waiting: list[tuple[Candidate, SourceFile, int]] = []
        self._waiting_bytes = 0
        self._counted: set[CaptureIdentity] = set()
        # What was left out and a revisit may refer to, with the reason.
        self._passed: dict[bytes, str] = {}

    def add(self, candidate: Candidate, file: SourceFile, source_id: int) -> None:
        """Takes a capture in, with others as soon as a batch is full. Originals of revisits must be
        in before. CannotRunError: the disk refuses.
        """
        self._waiting.append((candidate, file, source_id))
        self._waiting_bytes += len(candidate.exchange.answer.block)
        if len(self._waiting) >= _BATCH or self._waiting_bytes >= _BATCH_BYTES:
            self.flush()

    def leave_out(self, left: LeftOut) -> None:
        """Notes what is left out, and by what a revisit would refer to it."""
        self._report.add(left)
        place = f"{left.url} {left.at}" if left.url else None
        for clue in (left.digest, left.record_id, place):
            if clue:
                self._passed[_mark(clue)] = left.reason

    def flush(self) -> None:
        """Takes in what waits. Errors as in `add`."""
        batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
        if not batch:
            return
        known, owners = self._known([candidate for candidate, _, _ in batch])
        taken: list[TakenIn] = []
        for candidate, file, source_id in batch:
            portal = owners.get(candidate.key) or self._rules.portal_of(candidate.url)
            if portal is None:
                self._report.hosts[host_of(candidate.url)] += 1
                self.leave_out(_left(candidate, file, "no_portal"))
                continue
            self._take(candidate, file, source_id, portal, known, taken)
        if self._kept is not None and taken:
            self._commit(self._kept, taken)

    def _known(self, batch: Sequence[Candidate]) -> tuple[set[CaptureIdentity], Mapping[str, str]]:
        if self._ledger is None:
            return self._counted, {}
        keys = {each.key for each in batch}
        with self._ledger.read() as connection:
            known = known_captures(connection, keys, {each.at for each in batch})
            return known | self._counted, portals_of_pages(connection, list(keys))

    def _take(
        self, candidate: Candidate, file: SourceFile, source_id: int, portal: str,
        known: set[CaptureIdentity], taken: list[TakenIn],
    ) -> None:  # fmt: skip
        original = self._original(candidate) if candidate.record_type == "revisit" else None
        if candidate.record_type == "revisit" and original is None and self._kept is not None:
            self.leave_out(_left(candidate, file, self._why_unresolved(candidate)))
            return
        transcribed = transcribe(
            _foreign(candidate, file, original), lambda: f"<urn:uuid:{uuid.uuid4()}>"
        )
        identity = CaptureIdentity(
            key=candidate.key,
            captured_at=candidate.at,
            status=candidate.status,
            is_revisit=candidate.record_type == "revisit",
            payload_digest=transcribed.payload_digest,
        )
        if identity in known:
            self._report.known += 1
            return
        known.add(identity)
        self._report.new += 1
        self._report.portals[portal] += 1
        if self._kept is None:
            self._counted.add(identity)
            return
        capture = self._written(self._kept, candidate, transcribed, original)
        taken.append(self._taken_in(candidate, capture, portal, source_id))

    def _written(
        self, kept: Kept, candidate: Candidate, transcribed: Transcribed, original: Original | None
    ) -> NewCapture:
        records = [transcribed.main, transcribed.request, *transcribed.beside]
        spots = kept.writer.append_drafted([each for each in records if each])
        response = candidate.response
        return NewCapture(
            page_id=0,  # filled in by the transaction
            run_id=kept.run_id,
            captured_at=candidate.at,
            status=candidate.status,
            media_type=candidate.media_type,
            payload_digest=transcribed.payload_digest,
            body_digest=None,
            size_bytes=transcribed.size_bytes,
            spot=spots[0],
            request_spot=spots[1] if transcribed.request else None,
            record_id=transcribed.main.record_id,
            record_type=transcribed.main.record_type,
            truncated=candidate.truncated if candidate.record_type != "revisit" else None,
            etag=response.header("etag") if response else None,
            last_modified=response.header("last-modified") if response else None,
            refers_to=original.capture_id if original else None,
            host=host_of(candidate.url),
            elapsed_s=0.0,
        )

    def _taken_in(
        self, candidate: Candidate, capture: NewCapture, portal: str, source_id: int
    ) -> TakenIn:
        answer = candidate.exchange.answer
        is_entry = candidate.url in self._rules.entries_of(portal)
        return TakenIn(
            capture=capture,
            url=candidate.url,
            method=candidate.method,
            body=candidate.body,
            role=Role.ENTRY if is_entry else Role.PAGE,
            portal_key=portal,
            source_id=source_id,
            part=clean(answer.part),
            offset=answer.head.offset,
            record_id=_short(answer.head.get("WARC-Record-ID")),
            payload_digest=_short(answer.head.get("WARC-Payload-Digest")),
        )

    def _commit(self, kept: Kept, taken: list[TakenIn]) -> None:
        kept.writer.sync()
        with kept.store.write() as connection:
            save_portals(connection, self._rules.take_fresh(each.portal_key for each in taken))
            keep_taken_in(connection, taken, kept.writer.synced_ends)

    def _original(self, candidate: Candidate) -> Original | None:
        if self._ledger is None:
            return None
        clues = _clues(candidate)
        with self._ledger.read() as connection:
            found = original_of(connection, clues)
        if found is None or not clues.is_exact:
            return found
        is_other = clues.digest is not None and _contradicts(clues.digest, found.digests)
        return None if found.payload_digest is None or is_other else found

    def _why_unresolved(self, candidate: Candidate) -> str:
        """A revisit of what was left out is left out for the same reason."""
        head = candidate.exchange.answer.head
        uri = head.get("WARC-Refers-To-Target-URI") or head.target_uri
        at = parse_date(head.get("WARC-Refers-To-Date") or "")
        clues = (head.get("WARC-Payload-Digest"), head.get("WARC-Refers-To"), f"{uri} {at}")
        marks = (_mark(clue) for clue in clues if clue)
        return next((self._passed[mark] for mark in marks if mark in self._passed), "revisit")


def _left(candidate: Candidate, file: SourceFile, reason: str) -> LeftOut:
    answer = candidate.exchange.answer
    return left_out(file, answer.part, answer.head, reason)


def _foreign(candidate: Candidate, file: SourceFile, original: Original | None) -> ForeignCapture:
    answer, request = candidate.exchange.answer, candidate.exchange.request
    return ForeignCapture(
        url=candidate.url,
        at=candidate.at,
        record_type=candidate.record_type,
        block=answer.block,
        content_type=clean(answer.head.get("Content-Type") or "") or None,
        source=SourceNote(
            file=file.name,
            sha256=file.sha256,
            part=answer.part,
            offset=answer.head.offset,
            record_id=answer.head.get("WARC-Record-ID"),
        ),
        request=bytes(request.block) if request else b"",
        request_id=request.head.get("WARC-Record-ID") if request else None,
        ip_address=candidate.ip_address,
        truncated=candidate.truncated,
        revisit=_revisit(candidate, original) if candidate.record_type == "revisit" else None,
        declared=_read(answer.head.get("WARC-Payload-Digest") or ""),
    )


def _revisit(candidate: Candidate, original: Original | None) -> Revisit:
    """Where nobody knows the original (--dry-run), the revisit stands for itself."""
    return Revisit(
        url=original.url if original else candidate.url,
        captured_at=original.captured_at if original else candidate.at,
        payload_digest=(original.payload_digest if original else None) or "",
        profile=candidate.profile or Profile.IDENTICAL_PAYLOAD,
    )


def _clues(candidate: Candidate) -> RevisitClues:
    head = candidate.exchange.answer.head
    uri = canonical(head.get("WARC-Refers-To-Target-URI") or "")
    return RevisitClues(
        key=candidate.key,
        at=candidate.at,
        refers_to_key=key_of(uri, candidate.method, candidate.body) if uri else candidate.key,
        refers_to_at=_moment(head.get("WARC-Refers-To-Date")),
        record_id=_short(head.get("WARC-Refers-To")),
        digest=_short(head.get("WARC-Payload-Digest")),
        is_exact=candidate.profile is Profile.IDENTICAL_PAYLOAD,
    )


def _contradicts(digest: str, known: Iterable[str]) -> bool:
    """Whether a payload has another digest of the same kind; of another kind none can tell."""
    wanted = _read(digest)
    if wanted is None:
        return False
    readable = [each for each in map(_read, known) if each is not None]
    same_kind = [each for each in readable if each.algorithm == wanted.algorithm]
    return bool(same_kind) and wanted not in same_kind


def _read(digest: str) -> Digest | None:
    try:
        return parse_digest(digest)
    except WarcError:
        return None


def _moment(text: str | None) -> datetime | None:
    return parse_date(text or "")


def _short(text: str | None) -> str | None:
    return clean(text)[:_MAX_VALUE] if text else None


def _mark(clue: str) -> bytes:
    return hashlib.blake2b(clue.encode("utf-8", "surrogatepass"), digest_size=8).digest()
