"""Goes through foreign files: first for what has a body, then for the revisits, whose originals may
stand behind them or in another file.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archive.warc.exchanges import exchanges
from archive.warc.foreign import Found, Skipped, Unreadable, foreign_records
from archive.warc.record import parse_date
from archive.warc.scan import Head
from archive.warc.spool import Spool
from archive.work.imports.candidates import Candidate, candidate_of, why_not
from archive.work.imports.report import LeftOut
from archive.work.imports.sources import SourceFile

_LATER = "revisit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanning:
    """How files are gone through. room: a folder for long blocks. latest: no capture can be later.
    on_record: called for every record that was looked at.
    """

    room: Path
    latest: datetime
    on_record: Callable[[], None] = lambda: None

    def captures(self, file: SourceFile) -> Iterator[Candidate | LeftOut | None]:
        """The file's captures but for revisits, and what is left out; None for each revisit."""

        def not_now(head: Head) -> str | None:
            reason = why_not(head)
            return _LATER if reason is None and head.record_type == "revisit" else reason

        for each in self._found(file, not_now):
            is_later = isinstance(each, LeftOut) and each.reason == _LATER
            yield None if is_later else each

    def revisits(self, file: SourceFile) -> Iterator[Candidate | LeftOut]:
        """The file's revisits, and which of them are left out."""

        def not_now(head: Head) -> str | None:
            reason = why_not(head)
            return reason if head.record_type in ("revisit", "request") else ""

        for each in self._found(file, not_now):
            if isinstance(each, Candidate) or each.reason != "unreadable":
                yield each

    def _found(
        self, file: SourceFile, not_now: Callable[[Head], str | None]
    ) -> Iterator[Candidate | LeftOut]:
        records = foreign_records(file.path, why_not=not_now, spool=lambda: Spool(self.room))
        for each in exchanges(self._counted(records)):
            if isinstance(each, Unreadable):
                yield LeftOut(
                    file=file.name, part=each.part, offset=each.offset, reason="unreadable",
                    message=f"{each.rule}: {each.message}",
                )  # fmt: skip
            elif isinstance(each, Skipped):
                if each.reason:
                    yield left_out(file, each.part, each.head, each.reason)
            else:
                candidate, answer = candidate_of(each, self.latest), each.answer
                if isinstance(candidate, Candidate):
                    yield candidate
                else:
                    yield left_out(file, answer.part, answer.head, candidate, answer.damage)

    def _counted(self, records: Iterator[Found]) -> Iterator[Found]:
        for each in records:
            self.on_record()
            yield each


def left_out(
    file: SourceFile, part: str, head: Head, reason: str, message: str | None = None
) -> LeftOut:
    """A record that is left out; reason and message as in LeftOut."""
    return LeftOut(
        file=file.name,
        part=part,
        offset=head.offset,
        reason=reason,
        url=head.target_uri,
        at=parse_date(head.get("WARC-Date") or ""),
        message=message,
        record_id=head.get("WARC-Record-ID"),
        digest=head.get("WARC-Payload-Digest"),
    )
