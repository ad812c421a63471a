"""How portals stand, and why they are visited next."""

import fcntl
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import insert, update

from archive.model.errors import HomeLockedError, UsageError
from archive.model.reading import Kind
from archive.search.index import open_indexed
from archive.store import catalogue
from archive.store.frontier import runs
from archive.store.query.health import portal_verdicts
from archive.store.query.portal_states import PortalState
from archive.store.schema import page, run_portal
from archive.work.home import Home
from archive.work.open_archive import open_archive
from archive.work.query.find_page import find_page
from archive.work.query.show import show
from archive.work.query.status import next_visits, silent, status
from tests.support.invented import DAY, QINGSHAN, YUNHE, Site, county, crawl, url
from tests.support.transactions import commit, fetch

STATE = PortalState(
    portal="x", name="某县", family=None, pages=3, reports=2, last_captured_at=DAY, last_run=1,
    last_run_at=DAY, next_due_at=DAY + timedelta(days=30), ended=3, answered=2, left=0,
    host_waits_until=None, host_reason=None,
)  # fmt: skip
NOW = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("change", "at", "why"),
    [
        ({}, DAY + timedelta(days=30), "falls due"),
        ({"next_due_at": DAY}, None, "due"),
        ({"next_list_at": STATE.next_due_at}, DAY + timedelta(days=30), "a list, in the season"),
        ({"next_due_at": DAY, "hours": "22:00-23:00"}, datetime(2026, 3, 3, 14, tzinfo=UTC),
         "its hours are 22:00-23:00"),
        ({"left": 7}, None, "7 URLs left"),
        ({"last_run": None}, None, "never visited"),
        ({"next_due_at": None}, None, "no visit was planned"),
        ({"host_waits_until": NOW + timedelta(hours=2), "host_reason": "Retry-After"},
         NOW + timedelta(hours=2), "Retry-After"),
        ({"host_waits_until": DAY, "host_reason": "Retry-After", "left": 1}, None, "1 URLs"),
    ],
)  # fmt: skip
def test_the_next_visit_has_a_time_and_a_reason(
    change: dict[str, object], at: object, why: str
) -> None:
    (visit,) = next_visits([replace(STATE, **change)], NOW)  # type: ignore[arg-type]
    assert visit.at == at
    assert why in visit.why


def test_the_soonest_visit_comes_first() -> None:
    later = replace(STATE, portal="later")
    due = replace(STATE, portal="due", left=1)
    assert [visit.portal for visit in next_visits([later, due], NOW)] == ["due", "later"]


@pytest.mark.parametrize(
    ("ended", "answered", "is_silent"), [(3, 0, True), (3, 1, False), (0, 0, False)]
)
def test_a_portal_is_silent_when_a_whole_run_brought_nothing(
    ended: int, answered: int, is_silent: bool  # noqa: FBT001 - a table of cases
) -> None:  # fmt: skip
    assert bool(silent([replace(STATE, ended=ended, answered=answered)])) == is_silent


def test_the_state_is_counted_from_the_ledger(home: Path) -> None:
    with open_archive(home) as store:
        found = status(store, now=NOW + timedelta(days=40))
    by_key = {state.portal: state for state in found.portals}
    assert (by_key[YUNHE].pages, by_key[YUNHE].reports, by_key[YUNHE].answered) == (7, 6, 7)
    assert (by_key[QINGSHAN].answered, by_key[QINGSHAN].ended) == (0, 3)
    assert found.frontier == {}
    assert found.runs[0].counts == {"changed": 1, "failed": 3, "unchanged": 6}


def test_a_removed_portal_counts_while_it_has_reports_or_urls_left(home: Path) -> None:
    row = {"run_id": 1, "portal_key": QINGSHAN, "verdict": "bad", "reason": "", "counts": {}}
    with open_archive(home) as store:
        with store.write() as connection:
            connection.execute(insert(run_portal).values(row))

        def counted(catalogue: set[str] | None) -> set[str]:
            found = status(store, now=NOW, catalogue=catalogue)
            with store.read() as connection:
                judged = {each.portal for each in portal_verdicts(connection, catalogue)}
            states = {each.portal for each in found.portals}
            assert {each.portal for each in found.next_visits} == states
            assert judged == states & {QINGSHAN}
            return states

        assert counted(None) == {YUNHE, QINGSHAN}
        assert counted({YUNHE}) == {YUNHE, QINGSHAN}
        with store.write() as connection:
            mine = update(page).where(page.c.portal_key == QINGSHAN)
            connection.execute(mine.values(kind=Kind.LIST))
        assert counted({YUNHE}) == {YUNHE}
        assert counted({YUNHE, QINGSHAN}) == {YUNHE, QINGSHAN}


def test_urls_left_by_a_stopped_run_are_counted(tmp_path: Path) -> None:
    with open_indexed(tmp_path) as store:
        crawl(store, Site(readings=county(YUNHE, "云河县", (2021,))), now=DAY)
        again = {
            "job": "again",
            "portals": fetch(store, catalogue.portals),
            "options": {},
            "mode": "full",
        }
        commit(store, runs.begin_run, **again, now=NOW, pid=1)  # type: ignore[arg-type]
        found = status(store, now=NOW)
        alone = status(store, now=NOW, crawling=lambda: False)
    assert found.frontier == {"pending": 3}
    assert found.runs[0].status == "running"
    assert found.runs[0].left == 3
    assert alone.runs[0].status == "crashed", "no crawl is at work"


def test_a_home_knows_whether_a_crawl_is_at_work(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert not home.is_crawled()
    with home.locked():
        assert home.is_crawled()
    assert not home.is_crawled()


def test_who_is_refused_is_told_which_command_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for command in ("import", "reread"):
        told = re.escape(f"process {os.getpid()} (gongkai {command}) works on {tmp_path}; wait")
        with home.locked(command), pytest.raises(HomeLockedError, match=told), home.locked():
            pass
    with (tmp_path / "crawl.lock").open("w") as older:
        older.write("4514\n")
        older.flush()
        fcntl.flock(older, fcntl.LOCK_EX)
        with pytest.raises(HomeLockedError, match="process 4514 works on"), home.locked():
            pass


def test_who_looks_whether_a_crawl_is_at_work_does_not_stop_one(tmp_path: Path) -> None:
    with Home(tmp_path).locked():
        pass
    with (tmp_path / "crawl.lock").open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        Timer(0.02, looking.close).start()
        with Home(tmp_path).locked():
            assert Home(tmp_path).is_crawled()


def test_a_page_that_never_had_content_says_why(tmp_path: Path) -> None:
    with open_indexed(tmp_path) as store:
        pages = county(YUNHE, "云河县", (2021, 2022))
        lost = pages.pop(url(YUNHE, 2022))
        assert lost.title
        crawl(store, Site(readings=pages), now=DAY)
        with pytest.raises(UsageError, match="has no version; its last visit ended: gone, 404"):
            show(store, url(YUNHE, 2022))


def test_a_dot_or_a_percent_sign_in_an_end_is_only_itself(home: Path) -> None:
    with open_archive(home) as store:
        for ending in ("%", "t20220310_2021_htm", "T20220310_2021.HTM"):
            with pytest.raises(UsageError):
                find_page(store, ending)
