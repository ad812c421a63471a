"""Which reports are there, late, missing, refused or not looked at."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from archive.model.errors import UsageError
from archive.model.outcome import Outcome, Role
from archive.model.portal import Portal
from archive.model.reading import BodyKind, Kind, PublicBody
from archive.store import Store
from archive.work.ingest.covered_cells import due_on
from archive.work.ingest.covering import cover
from archive.work.query.coverage import CoverageFilter, State, coverage
from archive.work.query.places import divisions_within
from tests.store import conftest as ledgers
from tests.store.making import NOW, a_reading, link_to
from tests.support.crawled_lists import CHONGCHUAN, PORTAL, SHOP, crawl, named, page_of, report

# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store
# What is decided in Python once the rows are there is decided the same on both.
on_sqlite = pytest.mark.parametrize("location", ["sqlite"], indirect=True)


def states(store: Store, body: str = CHONGCHUAN.name, now: datetime = NOW, **filters) -> dict:
    found = rows(store, [PORTAL], now=now, **filters)
    return {each.year: each.state for each in found if each.body == body}


def rows(store: Store, catalogue: Sequence[Portal], *, now: datetime = NOW, **filters) -> list:
    cover(store, catalogue, now=now)
    return list(coverage(store, CoverageFilter(**filters), now=now))


def test_a_portal_never_crawled_was_not_looked_at(store):
    found = states(store)
    assert set(found) == set(range(2008, 2026))
    assert set(found.values()) == {State.NOT_LOOKED_AT}


def test_a_report_is_present_and_the_other_years_are_missing(store):
    crawl(store, [named(2016)], {page_of(2016): report(2016)})
    found = states(store)
    assert found.pop(2016) is State.PRESENT
    assert set(found.values()) == {State.MISSING}


@on_sqlite
def test_in_a_bad_run_nothing_is_missing(store):
    crawl(store, [named(2016)], {page_of(2016): report(2016)}, verdict="bad")
    assert states(store)[2015] is State.NOT_LOOKED_AT


@on_sqlite
def test_what_fell_due_after_the_last_look_was_not_looked_at(store):
    crawl(store, [], {})
    found = states(store, now=datetime(2027, 6, 1, tzinfo=UTC))
    assert (found[2025], found[2026]) == (State.MISSING, State.NOT_LOOKED_AT)


def test_a_list_page_left_on_the_frontier_is_no_complete_look(store):
    further = link_to("http://www.cc.example/nb/2.htm", role=Role.LIST, text="下一页")
    crawl(store, [further], {})
    assert states(store)[2015] is State.NOT_LOOKED_AT


@on_sqlite
@pytest.mark.parametrize("refusal", [Outcome.BLOCKED, Outcome.ROBOTS])
def test_a_portal_that_refuses_is_refused(store, refusal):
    crawl(store, [], {}, entry=refusal, verdict="bad")
    assert set(states(store).values()) == {State.REFUSED}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Outcome.BLOCKED, State.REFUSED),
        (Outcome.GONE, State.MISSING),
        (Outcome.FAILED, State.NOT_LOOKED_AT),
        (None, State.NOT_LOOKED_AT),
        (a_reading(kind=Kind.ARTICLE, report_year=None), State.PRESENT),
    ],
)
def test_what_the_list_names_is_judged_by_its_own_end(store, answer, state):
    answers = {} if answer is None else {page_of(2016): answer}
    crawl(store, [named(2016)], answers)
    assert states(store)[2016] is state


@on_sqlite
@pytest.mark.parametrize(
    ("body", "year", "published_on", "state"),
    [
        (CHONGCHUAN, 2020, "2021-03-31", State.PRESENT),
        (CHONGCHUAN, 2020, "2021-04-01", State.LATE),
        (SHOP, 2020, "2021-01-31", State.PRESENT),
        (SHOP, 2020, "2021-02-01", State.LATE),
        (SHOP, 2017, "2018-03-31", State.PRESENT),
        (SHOP, 2017, "2018-04-01", State.LATE),
        (SHOP, 2020, None, State.PRESENT),
    ],
)
def test_late_is_after_the_deadline(store, body, year, published_on, state):
    crawl(store, [named(year)], {page_of(year): report(year, body, published_on)})
    assert states(store, body.name)[year] is state


def test_a_department_has_its_own_line(store):
    crawl(store, [named(2016), named(2016, "供销社", "d")],
          {page_of(2016): report(2016), page_of(2016, "d"): report(2016, SHOP)})  # fmt: skip
    assert states(store, SHOP.name)[2016] is State.PRESENT
    assert states(store)[2016] is State.PRESENT


def test_a_report_that_names_nobody_is_the_portal_s(store):
    crawl(store, [named(2016)], {page_of(2016): report(2016, None)})
    assert states(store)[2016] is State.PRESENT


def test_a_body_without_place_is_the_one_of_that_name(store):
    crawl(store, [named(2016)], {page_of(2016): report(2016, PublicBody(
        name=CHONGCHUAN.name, division=None, kind=BodyKind.GOVERNMENT))})  # fmt: skip
    assert states(store)[2016] is State.PRESENT


def test_of_two_copies_the_earlier_published_counts(store):
    crawl(store, [named(2020), named(2020, name="again")], {
        page_of(2020): report(2020, published_on="2021-05-01"),
        page_of(2020, "again"): report(2020, published_on="2021-03-01"),
    })  # fmt: skip
    [cell] = rows(store, [PORTAL], first_year=2020, last_year=2020)
    assert (cell.state, cell.url) == (State.PRESENT, page_of(2020, "again"))


@on_sqlite
def test_nothing_is_expected_of_a_district_before_it_was_made(store):
    portal = Portal(key="gz", name="港闸区", entries=("http://gz.example/",), division="320611")
    cells = rows(store, [portal])
    assert max(each.year for each in cells) == 2019


def test_an_abolished_district_is_found_under_what_took_it_over(store):
    portal = Portal(key="gz", name="港闸区", entries=("http://gz.example/",), division="320611")
    cells = rows(store, [portal, PORTAL], divisions=divisions_within("320613"))
    assert {each.body for each in cells} == {"港闸区人民政府", CHONGCHUAN.name}
    cells = rows(store, [portal, PORTAL], divisions=divisions_within("港闸区"))
    assert {each.body for each in cells} == {"港闸区人民政府"}


@on_sqlite
def test_a_year_is_expected_from_the_day_after_its_deadline(store):
    before = states(store, now=datetime(2026, 3, 31, 15, 59, tzinfo=UTC))
    after = states(store, now=datetime(2026, 3, 31, 16, 0, tzinfo=UTC))  # midnight in China
    assert (max(before), max(after)) == (2024, 2025)


def test_only_the_years_and_the_portal_asked_for(store):
    crawl(store, [named(2016)], {page_of(2016): report(2016)})
    assert set(states(store, first_year=2015, last_year=2017)) == {2015, 2016, 2017}
    assert states(store, portal="another") == {}


def test_townships_are_late_by_the_government_s_day():
    assert due_on(BodyKind.TOWNSHIP, 2020) == date(2021, 3, 31)


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ("999999", "no division code"),
        ("鼓楼区", "is the name of 4 places"),
        ("某某", "no division"),
    ],
)
def test_a_place_that_is_none_or_several_is_refused(given, complaint):
    with pytest.raises(UsageError, match=complaint):
        divisions_within(given)
