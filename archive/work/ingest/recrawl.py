"""When to visit again: which portals are due, and how long each page may rest. Pure.

Reports of a year appear in the next one: departments owe theirs to the government by 31 January,
governments publish theirs by 31 March (政府信息公开条例 of 2019, article 49). From January to April
lists are visited daily and last year's reports weekly; a report of 2012 hardly ever changes. A page
rests twice as long as its content has stood unchanged, within the bounds of its kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from typing import Final

from archive.model.frontier import Lease, Record
from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.store.frontier.ahead import Longest
from archive.store.query.portal_states import PortalState

CHINA: Final = timezone(timedelta(hours=8), "China")
SEASON_MONTHS: Final = (1, 2, 3, 4)
DEADLINES: Final = ((1, 31), (3, 31))
OLD_AFTER_YEARS: Final = 4
# What a page that answers with trouble waits, when something of it is stored already.
AFTER_TROUBLE: Final = timedelta(days=1)
AFTER_GONE: Final = timedelta(days=30)
# Style sheets and images hardly ever change under one URL.
OF_REQUISITES: Final = timedelta(days=90)
_SEEN: Final = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.UNCHANGED})
_TROUBLE: Final = frozenset({Outcome.FAILED, Outcome.BLOCKED, Outcome.ROBOTS})
_SPREAD: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The shortest and the longest rest of a kind of page, and what `status` says about it."""

    shortest: timedelta
    longest: timedelta
    why: str


def _bounds(shortest_days: int, longest_days: int, why: str) -> Bounds:
    return Bounds(
        shortest=timedelta(days=shortest_days), longest=timedelta(days=longest_days), why=why
    )


LIST_IN_SEASON: Final = _bounds(1, 2, "a list, in the season of reports (January to April)")
LIST: Final = _bounds(3, 14, "a list, outside the season of reports")
NEW_IN_SEASON: Final = _bounds(7, 14, "a report of the latest year, in the season of reports")
NEW: Final = _bounds(30, 90, "a report of the latest year")
OTHER: Final = _bounds(30, 180, "a report of an earlier year, or another page")
OLD: Final = _bounds(180, 365, "an old report")

# How far ahead anything can be planned. A server's Retry-After is believed for a week.
MAX_PAUSE: Final = timedelta(days=7)
MAX_AHEAD: Final = Longest(
    pause=MAX_PAUSE,
    list_rest=LIST.longest * (1 + _SPREAD),
    page_rest=OLD.longest * (1 + _SPREAD),
    seen_rest=NEW.shortest * (1 + _SPREAD),
)


def bounds_of(*, is_list: bool, report_year: int | None, now: datetime) -> Bounds:
    """How long a page of that kind may rest when it is visited at `now`."""
    today = now.astimezone(CHINA)
    in_season = today.month in SEASON_MONTHS
    if is_list:
        return LIST_IN_SEASON if in_season else LIST
    if report_year is None:
        return OTHER
    if report_year >= today.year - 1:
        return NEW_IN_SEASON if in_season else NEW
    return OLD if report_year < today.year - OLD_AFTER_YEARS else OTHER


def next_due_at(lease: Lease, record: Record) -> datetime | None:
    """When the page should be visited again; None leaves what was planned: a page of which
    nothing is stored and that met trouble stays wanted by the next run of its portal.
    """
    if lease.role is Role.REQUISITE:
        rest = OF_REQUISITES if record.outcome in _SEEN else AFTER_GONE
        return record.at + rest * (1 + _SPREAD * spread(lease.page_id))
    is_list = lease.role.is_list
    if record.outcome in _TROUBLE and not is_list:
        return record.at + AFTER_TROUBLE if lease.previous else None
    if record.outcome in (Outcome.GONE, Outcome.SOFT_404) and not is_list:
        return record.at + AFTER_GONE
    bounds = bounds_of(is_list=is_list, report_year=_year(lease, record), now=record.at)
    stood = timedelta(0)
    if record.outcome is Outcome.UNCHANGED and lease.previous is not None:
        stood = record.at - lease.previous.captured_at
    rest = min(max(2 * stood, bounds.shortest), bounds.longest)
    planned = record.at + rest * (1 + _SPREAD * spread(lease.page_id))
    # A list is seen right after each deadline, however long it has been quiet.
    return min(planned, after_deadline(record.at)) if is_list else planned


def spread(number: int) -> float:
    """A number from 0 up to 1 that looks random and is always the same for the same page: what
    was found together does not fall due together.
    """
    return (number * 2654435761 % 2**32) / 2**32  # Knuth's multiplicative hash


def after_deadline(now: datetime) -> datetime:
    """The morning (China's time) after the next 31 January or 31 March."""
    today = now.astimezone(CHINA)
    mornings = (
        datetime.combine(today.date().replace(year=year, month=month, day=day), time(6), CHINA)
        + timedelta(days=1)
        for year in (today.year, today.year + 1)
        for month, day in DEADLINES
    )
    return min(morning for morning in mornings if morning > now)


def _year(lease: Lease, record: Record) -> int | None:
    if record.reading is not None:
        return record.reading.report_year
    return lease.previous.report_year if lease.previous else None


def due_portals(
    portals: Iterable[Portal], states: Mapping[str, PortalState], now: datetime
) -> list[Portal]:
    """The portals to visit at `now`: never visited, left unfinished, or with a page that is due;
    but none whose host asked for a pause or rests after failures, or whose night is over.
    """
    return [each for each in portals if is_due(each, states.get(each.key), now)]


def is_due(portal: Portal, state: PortalState | None, now: datetime) -> bool:
    """Whether one portal is to be visited at `now`; state None: nothing is known of it."""
    if portal.hours is not None and not is_open(portal.hours, now):
        return False
    if state is None or (state.last_run is None and not state.left):
        return True
    if state.host_waits_until is not None and state.host_waits_until > now:
        return False
    return bool(state.left) or state.next_due_at is None or state.next_due_at <= now


def is_open(hours: str, now: datetime) -> bool:
    """Whether a window such as "22:00-06:00" (China's time, over midnight too) is open.

    >>> is_open("22:00-06:00", datetime(2026, 1, 1, 23, tzinfo=CHINA))
    True
    """
    opens, closes = _window(hours)
    clock = now.astimezone(CHINA).time()
    return opens <= clock < closes if opens < closes else clock >= opens or clock < closes


def opens_at(hours: str, now: datetime) -> datetime:
    """When the window is open next: `now` while it is."""
    if is_open(hours, now):
        return now
    today = now.astimezone(CHINA)
    opening = datetime.combine(today.date(), _window(hours)[0], CHINA)
    return opening if opening > now else opening + timedelta(days=1)


def _window(hours: str) -> tuple[time, time]:
    opens, closes = (time.fromisoformat(part) for part in hours.split("-"))
    return opens, closes
