"""A lease's end as the second transaction sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from archive.model.frontier import Record
from archive.model.outcome import Outcome
from archive.model.reading import Reading

GOOD = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED})


class LeasedPage(Protocol):
    """A page on the frontier; the columns of its latest version are None before the first.
    versions: number of the latest version by time. highest: the highest number of any. optical_id:
    of what was seen on its pictures; None where it was read without.
    """

    id: int
    portal_key: str
    role: str
    kind: str | None
    family: str | None
    versions: int
    highest: int | None
    first_captured_at: datetime | None
    last_captured_at: datetime | None
    next_due_at: datetime | None
    body_capture_id: int | None
    etag: str | None
    last_modified: str | None
    lease_depth: int
    attempts: int
    lease_role: str
    hops: Sequence[str]
    version_id: int | None
    content_hash: str | None
    reader_version: str | None
    version_capture_id: int | None
    optical_id: int | None


class RecordedCapture(Protocol):
    """The capture that a record was read from."""

    id: int
    captured_at: datetime
    record_type: str
    truncated: str | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A record together with what the ledger holds for its lease.

    capture: of the record; None when it has none.
    """

    record: Record
    page: LeasedPage
    capture: RecordedCapture | None

    @property
    def good(self) -> bool:
        """Whether the page was seen as itself: neither gone, blocked nor failed."""
        return self.record.outcome in GOOD

    @property
    def reading(self) -> Reading:
        """The record's reading; ValueError when a version is to be made without one."""
        if self.record.reading is None:
            raise ValueError(f"page {self.record.page_id}: a version needs a reading and a capture")
        return self.record.reading

    @property
    def read_capture_id(self) -> int:
        """The capture of the record's reading; ValueError when there is none."""
        if self.record.capture_id is None:
            raise ValueError(f"page {self.record.page_id}: a version needs a reading and a capture")
        return self.record.capture_id

    @property
    def latest_id(self) -> int:
        """The id of the page's latest version; ValueError when there is none."""
        if self.page.version_id is None:
            raise ValueError(f"page {self.record.page_id} has no version")
        return self.page.version_id

    @property
    def has_pictures(self) -> bool:
        """Whether the record says less than the latest version: that was read with the pictures."""
        again = self.record.new_version or self.record.supersede_reader
        return self.page.optical_id is not None and not again

    @property
    def seen_at(self) -> datetime:
        """When the page was captured; when the visit ended, where there is no capture."""
        return self.capture.captured_at if self.capture else self.record.at
