"""Hosts as politeness counts them, and the lines they share: an IP address and port is one line,
however many names lead there. A turn of a host takes the lines of all its URLs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from archive.model.frontier import Lease

OPEN_AFTER: Final = 5  # failures in a row
LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class Line:
    """The way to one IP address and port."""

    in_flight: int = 0
    reserved: int = 0
    ready_at: datetime = LONG_AGO


@dataclass(slots=True, eq=False)
class Host:
    """What is known of a host (or of a platform's hosts) in this run.

    lines: of its names' IP addresses. refusals, blocks: how many times in a row it sent us away
    (429, 503), and answered with a status such as 403. closed: why nothing more of it is asked for
    in this run; what is left stays for the next one.
    """

    delay_s: float
    concurrency: int
    names: set[str]
    last_at: datetime = LONG_AGO
    ready_at: datetime = LONG_AGO
    in_flight: int = 0
    reserved: int = 0
    failures: int = 0
    patience: int = OPEN_AFTER
    circuit_open: str | None = None
    refusals: int = 0
    blocks: int = 0
    closed: str | None = None
    lines: dict[tuple[str, int], Line] = field(default_factory=dict)
    waiting: list[Lease] = field(default_factory=list)
    parked: list[Lease] = field(default_factory=list)

    def reserve(self, change: int) -> None:
        """One promise of the next turn more (1) or less (-1)."""
        self.reserved += change
        for line in self.lines.values():
            line.reserved += change

    def take(self, change: int) -> None:
        """One exchange under way more (1) or less (-1)."""
        self.in_flight += change
        for line in self.lines.values():
            line.in_flight += change

    def rest(self, until: datetime) -> None:
        """The pause after an exchange, for all that shares a line with the host."""
        self.ready_at = max(self.ready_at, until)
        for line in self.lines.values():
            line.ready_at = max(line.ready_at, until)

    def is_promised(self) -> bool:
        """Whether the next turn is promised already."""
        return self.reserved > 0 or any(line.reserved for line in self.lines.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What earlier runs left of the hosts, by name.

    last_visits: ends of the last exchanges. holds: instants before which they asked not to be
    visited. trips: how many times in a row each was given up. refusals: how many times in a row
    each sent us away (429, 503). numbers: their IP addresses. since: all hosts count as visited
    then, because a killed process may have asked any of them; None when the last run ended well.
    """

    last_visits: Mapping[str, datetime] = field(default_factory=dict)
    holds: Mapping[str, datetime] = field(default_factory=dict)
    trips: Mapping[str, int] = field(default_factory=dict)
    refusals: Mapping[str, int] = field(default_factory=dict)
    numbers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    since: datetime | None = None


class Lines:
    """Every line of a run. numbers, last_visits: what earlier runs knew of hosts, by name."""

    def __init__(
        self, numbers: Mapping[str, Sequence[str]], last_visits: Mapping[str, datetime]
    ) -> None:
        self._lines: dict[tuple[str, int], Line] = {}
        self._visits: dict[tuple[str, int], datetime] = {}
        for name, found in numbers.items():
            for where in ((number, _port(name)) for number in found):
                last_at = last_visits.get(name, LONG_AGO)
                self._visits[where] = max(self._visits.get(where, LONG_AGO), last_at)

    def join(self, host: Host, name: str, numbers: Sequence[str]) -> None:
        """The host shares the lines of a name of its own, which leads to these IP addresses or is
        one itself.
        """
        own = number_in(name)
        for number in numbers or ([own] if own else []):
            where = number, _port(name)
            if where in host.lines:
                continue
            line = self._lines.get(where)
            if line is None:
                last_at = self._visits.get(where, LONG_AGO)
                line = Line(ready_at=last_at + timedelta(seconds=host.delay_s))
                self._lines[where] = line
            line.in_flight += host.in_flight
            line.reserved += host.reserved
            host.lines[where] = line


def number_in(name: str) -> str | None:
    """The IP address that a host is named by; None when it has a name.

    >>> number_in("http://[::1]:8000"), number_in("http://www.gov.cn:80")
    ('::1', None)
    """
    host = urlsplit(name).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return None
    return host


def minute(at: datetime) -> str:
    """An instant as sentences name it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def has_room(host: Host) -> bool:
    """Whether one exchange more may be under way with the host and what shares its lines."""
    busiest = max((line.in_flight for line in host.lines.values()), default=0)
    return max(host.in_flight, busiest) < host.concurrency


def ready_at(host: Host) -> datetime:
    """When the host and all of its lines have had their pause."""
    return max([host.ready_at, *(line.ready_at for line in host.lines.values())])


def is_free(host: Host, now: datetime) -> bool:
    """Whether the host may be asked now."""
    return has_room(host) and ready_at(host) <= now


def _port(name: str) -> int:
    return urlsplit(name).port or 0
