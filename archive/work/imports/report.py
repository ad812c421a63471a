"""What an import took in, and what it left out and why."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from archive.model.outcome import Verdict
from archive.work.imports.candidates import DAMAGE

_MAX_KEPT: Final = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A record, or a place of a file, that was not taken in. part: the file inside a WACZ. reason:
    a key of archive.work.imports.candidates.REASONS. url, at, record_id, digest: None where the
    record has none; message: None where the reason says all.
    """

    file: str
    part: str
    offset: int
    reason: str
    url: str | None = None
    at: datetime | None = None
    message: str | None = None
    record_id: str | None = None
    digest: str | None = None


class Report:
    """new: captures that were taken in (with --dry-run: that would be). before: those that the same
    run had taken in before it was broken off. known: captures that the archive has already.
    left_out: how many records, by reason. first: the first of each reason.
    hosts: of the pages that are of no portal, how many each. all: every one (as far as there is
    room for them). outcomes: how the captures ended. warnings: what is wrong with the archive
    itself. verdict: None before the end.
    """

    def __init__(self) -> None:
        self.new = self.before = self.known = 0
        self.left_out: Counter[str] = Counter()
        self.first: dict[str, LeftOut] = {}
        self.hosts: Counter[str] = Counter()
        self.all: list[LeftOut] = []
        self.outcomes: Counter[str] = Counter()
        self.portals: Counter[str] = Counter()
        self.warnings: tuple[str, ...] = ()
        self.verdict: Verdict | None = None

    def add(self, left: LeftOut) -> None:
        """Notes what was left out."""
        self.left_out[left.reason] += 1
        self.first.setdefault(left.reason, left)
        if len(self.all) < _MAX_KEPT:
            self.all.append(left)

    @property
    def damaged(self) -> int:
        """How much was left out through damage."""
        return sum(count for reason, count in self.left_out.items() if reason in DAMAGE)

    @property
    def reason(self) -> str:
        """The one line that explains the verdict."""
        if self.damaged:
            return f"{self.damaged:,} left out through damage, {self._taken}"
        if not self.has_any:
            return "nothing in the files could be taken in"
        already = f", {self.known:,} known already" if self.known else ""
        return f"{self._taken}{already}"

    @property
    def _taken(self) -> str:
        taken = f"{self.new:,} capture{'' if self.new == 1 else 's'} taken in"
        return f"{taken}, {self.before:,} before this run was broken off" if self.before else taken

    @property
    def is_good(self) -> bool:
        """Whether everything that should come in did."""
        return not self.damaged and self.has_any

    @property
    def has_any(self) -> bool:
        """Whether the files have anything for the archive."""
        return bool(self.new or self.known)
