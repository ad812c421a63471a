"""What was changed after publishing: changes of pages, newest first, with filters as typed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from archive.codebook.indicators import Concept, find
from archive.model.change import ChangeKind
from archive.model.coverage import REPORT_YEARS
from archive.model.errors import UsageError, check_order
from archive.model.instants import exact
from archive.store import Connection, Store
from archive.store.query.changes import ChangeFilter, PageChange, changes_of, run_began
from archive.store.query.questions import check_portal
from archive.store.query.version_pairs import pairs_of_two_readers
from archive.work.query.bodies import Body
from archive.work.query.date_bounds import first_day, last_day
from archive.work.query.find_body import body_named
from archive.work.query.places import distinct_names, divisions_within

_KINDS: Final = [kind.value for kind in ChangeKind]
COLUMNS: Final = tuple(
    name for name in PageChange.__dataclass_fields__ if name != "change_id"
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which changes are wanted, as typed; None: all. since: a date (2026, 2026-03, 2026-03-02) or
    the number of a run; until: a date, included. body: a name or a number. indicator: a key or a
    name of the codebook, a concept too.
    """

    since: str | None = None
    until: str | None = None
    portal: str | None = None
    division: str | None = None
    body: str | None = None
    what: str | None = None
    indicator: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesFound:
    """Changes, newest first. more: there are older ones."""

    changes: tuple[PageChange, ...]
    more: bool


def find_changes(
    store: Store,
    wanted: Wanted,
    *,
    limit: int,
    after: tuple[datetime, int] | None = None,
    public: bool,
) -> ChangesFound:
    """The newest changes of those wanted; those behind the one with the key `after`. public:
    without those of versions that are withdrawn. UsageError, with what comes near: an unknown
    portal, place, body, indicator or run; or `since` is after `until`.
    """
    body = body_named(store, wanted.body) if wanted.body else None
    with store.read() as connection:
        filters = _filter(connection, wanted, body)
        rows = changes_of(connection, filters, limit=limit + 1, after=after, public=public)
    return ChangesFound(changes=tuple(rows[:limit]), more=len(rows) > limit)


def waiting_versions(store: Store) -> int:
    """How many versions are not compared with the one before, because two readers read them."""
    with store.read() as connection:
        return pairs_of_two_readers(connection)


def names_of(store: Store, changes: Sequence[PageChange]) -> dict[int, str]:
    """The names of the bodies of some changes, namesakes with their place."""
    with store.read() as connection:
        return distinct_names(
            connection,
            (
                (each.body_id, each.body, each.division)
                for each in changes
                if each.body_id is not None and each.body
            ),
        )


def change_json(change: PageChange) -> dict[str, Any]:
    """A change as scripts get it, in the columns of the exported table."""
    values = {name: getattr(change, name) for name in COLUMNS}
    return values | {"captured_at": exact(change.captured_at)}


def _filter(connection: Connection, wanted: Wanted, body: Body | None) -> ChangeFilter:
    if wanted.portal is not None:
        check_portal(connection, wanted.portal)
    if wanted.what is not None and wanted.what not in _KINDS:
        raise UsageError(f"{wanted.what!r} is none of {', '.join(_KINDS)}")
    if wanted.since and wanted.until and not _is_run(wanted.since):
        check_order("since", _day(wanted.since, first_day), "until", _day(wanted.until, last_day))
    return ChangeFilter(
        since=_since(connection, wanted.since) if wanted.since else None,
        until=_until(wanted.until) if wanted.until else None,
        portal=wanted.portal,
        divisions=divisions_within(wanted.division) if wanted.division else None,
        body_id=body.body_id if body else None,
        what=wanted.what,
        indicators=_indicators(wanted.indicator) if wanted.indicator else None,
    )


def _indicators(asked: str) -> tuple[str, ...]:
    found = find(asked)
    if isinstance(found, Concept):
        return tuple(part.indicator for part in found.parts)
    return (found.indicator,)


def _is_run(given: str) -> bool:
    return given.isdecimal() and len(given) <= 9 and int(given) not in REPORT_YEARS


def _since(connection: Connection, given: str) -> datetime:
    """The begin of a day in UTC, or of a run."""
    if _is_run(given):
        started = run_began(connection, int(given))
        if started is None:
            raise UsageError(f"there is no run {given}; gongkai status lists the latest")
        return started
    return _midnight(_day(given, first_day))


def _until(given: str) -> datetime:
    """The end of a day in UTC."""
    return _midnight(_day(given, last_day)) + timedelta(days=1)


def _day(given: str, day: Callable[[str], date]) -> date:
    try:
        return day(given)
    except ValueError:
        like = "a date such as 2026-03-02 nor the number of a run"
        raise UsageError(f"{given[:40]!r} is neither {like}") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def subject_of(change: PageChange) -> str:
    """What a change is about, in a few words: an indicator with its applicant, a field, lines."""
    if change.what == ChangeKind.FIGURE:
        return " ".join(filter(None, (change.indicator or change.label, change.applicant)))
    if change.what == ChangeKind.TEXT:
        return f"−{change.removed} +{change.added} lines"
    return change.name or ""
