"""A lease's end as the second transaction sees it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from archive.model.frontier import Record
from archive.model.outcome import Outcome
from archive.model.reading import Reading

GOOD = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A record together with what the ledger holds for its lease.

    page: page columns, the latest version's id, capture, content_hash and reader_version (None
    before the first), and the frontier's depth and attempts.
    capture: columns of the record's capture; None when it has none.
    """

    record: Record
    page: Row[Any]
    capture: Row[Any] | None

    @property
    def good(self) -> bool:
        """Whether the page was seen as itself: neither gone, blocked nor failed."""
        return self.record.outcome in GOOD

    @property
    def reading(self) -> Reading:
        """The record's reading; ValueError when a version was asked for without one."""
        if self.record.reading is None or self.record.capture_id is None:
            raise ValueError(f"page {self.record.page_id}: a version needs a reading and a capture")
        return self.record.reading

    @property
    def seen_at(self) -> datetime:
        """When the page was captured; when the visit ended, where there is no capture."""
        at: datetime = self.capture.captured_at if self.capture else self.record.at
        return at
