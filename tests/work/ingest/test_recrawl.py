"""How long pages rest, and which portals are due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.model.frontier import Lease, Previous, Record, WarcSpot
from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.store.query.portal_states import PortalState
from archive.work.ingest.recrawl import CHINA, due_portals, is_open, next_due_at, opens_at

MARCH = datetime(2026, 3, 10, tzinfo=UTC)
JULY = datetime(2026, 7, 10, tzinfo=UTC)


def previous(now: datetime, days: float, year: int | None) -> Previous:
    return Previous(
        capture_id=1, spot=WarcSpot(file="x", offset=0, length=1), payload_digest="x",
        captured_at=now - timedelta(days=days), etag=None, last_modified=None, version_id=1,
        version_number=1, content_hash="x", reader_version="x", report_year=year,
    )  # fmt: skip


def rest(
    now: datetime, *, role: Role = Role.PAGE, year: int | None = None, days: float = 0,
    outcome: Outcome = Outcome.UNCHANGED, page_id: int = 0,
) -> float:  # fmt: skip
    """Days until the next visit of a page whose content has stood for `days`."""
    lease = Lease(
        page_id=page_id, run_id=1, portal_key="p", url="http://a.test/", method="GET",
        body=None, role=role, depth=1, attempts=0, family=None,
        previous=previous(now, days, year),
    )  # fmt: skip
    record = Record(page_id=1, run_id=1, capture_id=1, outcome=outcome, reason="", at=now)
    due_at = next_due_at(lease, record)
    assert due_at is not None
    return (due_at - now) / timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "role", "year", "days", "expected"),
    [
        (MARCH, Role.LIST, None, 0, 1),
        (MARCH, Role.LIST, None, 300, 2),
        (JULY, Role.ENTRY, None, 0, 3),
        (JULY, Role.ENTRY, None, 5, 10),
        (JULY, Role.ENTRY, None, 300, 14),
        (MARCH, Role.PAGE, 2025, 0, 7),
        (JULY, Role.PAGE, 2025, 1, 30),
        (JULY, Role.PAGE, 2025, 300, 90),
        (JULY, Role.PAGE, 2023, 300, 180),
        (JULY, Role.PAGE, 2012, 0, 180),
        (MARCH, Role.PAGE, 2012, 900, 365),
        (JULY, Role.PAGE, None, 20, 40),
        (JULY, Role.REQUISITE, None, 0, 90),
    ],
)
def test_a_page_rests_by_its_kind_the_season_and_how_long_it_stood(
    now: datetime, role: Role, year: int | None, days: float, expected: float
) -> None:
    assert rest(now, role=role, year=year, days=days) == pytest.approx(expected)


def test_a_changed_page_starts_again_at_the_shortest_rest() -> None:
    assert rest(JULY, year=2023, days=300, outcome=Outcome.CHANGED) == 30


@pytest.mark.parametrize("deadline", [datetime(2026, 1, 31), datetime(2026, 3, 31)])  # noqa: DTZ001 - a date of the calendar
def test_a_list_is_seen_on_the_morning_after_a_deadline(deadline: datetime) -> None:
    now = deadline.replace(hour=20, tzinfo=CHINA)
    seen = now + timedelta(days=rest(now, role=Role.LIST, days=300))
    assert seen == deadline.replace(tzinfo=CHINA) + timedelta(days=1, hours=6)


@settings(max_examples=60)
@given(days=st.floats(0, 5000), page_id=st.integers(0, 10**9), year=st.integers(2008, 2025))
def test_no_page_rests_less_than_a_week_or_more_than_thirteen_months(
    days: float, page_id: int, year: int
) -> None:
    assert 7 <= rest(MARCH, year=year, days=days, page_id=page_id) <= 365 * 1.1


def test_trouble_leaves_a_page_that_was_never_read_wanted_by_the_next_run() -> None:
    lease = Lease(
        page_id=1, run_id=1, portal_key="p", url="http://a.test/", method="GET", body=None,
        role=Role.PAGE, depth=1, attempts=0, family=None,
    )  # fmt: skip
    record = Record(
        page_id=1, run_id=1, capture_id=None, outcome=Outcome.FAILED, reason="", at=JULY
    )
    assert next_due_at(lease, record) is None


@pytest.mark.parametrize(
    ("clock", "expected"), [("21:59", False), ("22:00", True), ("05:59", True), ("06:00", False)]
)
def test_a_night_window_is_open_over_midnight_in_china(clock: str, expected: bool) -> None:  # noqa: FBT001 - a table of cases
    now = datetime.fromisoformat(f"2026-05-01T{clock}+08:00").astimezone(UTC)
    assert is_open("22:00-06:00", now) is expected
    assert (opens_at("22:00-06:00", now) == now) is expected


STATE = PortalState(
    portal="p", name="p", family=None, pages=3, reports=2, last_captured_at=MARCH, last_run=1,
    last_run_at=MARCH, next_due_at=MARCH + timedelta(days=1), ended=3, answered=3, left=0,
    host_waits_until=None, host_reason=None,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "hours", "expected"),
    [
        ({}, None, False),
        ({"next_due_at": MARCH}, None, True),
        ({"left": 3}, None, True),
        ({"last_run": None}, None, True),
        ({"left": 3, "host_waits_until": MARCH + timedelta(hours=1)}, None, False),
        ({"next_due_at": MARCH}, "22:00-06:00", False),
        ({"next_due_at": MARCH}, "06:00-22:00", True),
    ],
)
def test_a_portal_is_due_or_not(
    change: dict[str, object], hours: str | None, expected: bool  # noqa: FBT001 - a table of cases
) -> None:  # fmt: skip
    portal = Portal(key="p", name="p", entries=("http://a.test/",), hours=hours)
    found = due_portals([portal], {"p": replace(STATE, **change)}, MARCH)
    assert bool(found) is expected


def test_a_portal_that_nobody_knows_is_due() -> None:
    portal = Portal(key="p", name="p", entries=("http://a.test/",))
    assert due_portals([portal], {}, MARCH) == [portal]
