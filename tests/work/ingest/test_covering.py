"""The table of what is known of each report is kept up to date run by run, as if made anew."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlalchemy import update

from archive.model.coverage import State
from archive.model.outcome import Outcome
from archive.model.reading import BodyKind, Kind, PublicBody
from archive.store import Store
from archive.store.schema import field
from archive.work.ingest import covering
from archive.work.ingest.covering import cover, is_covered
from archive.work.query.bodies import coverage_below, coverage_by_province
from archive.work.query.coverage import CoverageFilter, CoveredRow, coverage
from tests.store import conftest as ledgers
from tests.store.making import NOW, a_portal, a_reading, begin, finish, take, visit
from tests.support.crawled_lists import CHONGCHUAN, PORTAL, SHOP, crawl, named, page_of, report
from tests.support.engines import ENGINES

OTHER = a_portal("nt", "http://www.nt.example/nb/", name="南通市", division="320600")
THIRD = a_portal("xx", "http://www.xx.example/nb/", name="http://www.xx.example/nb/")
PLACELESS = PublicBody(name="民政局", division=None, kind=BodyKind.DEPARTMENT)
BODIES = (CHONGCHUAN, SHOP, PLACELESS, None)
OUTCOMES = (Outcome.BLOCKED, Outcome.GONE, Outcome.FAILED, Outcome.ROBOTS)


# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store


def rows(store: Store, now: datetime = NOW) -> list[CoveredRow]:
    return list(coverage(store, CoverageFilter(), now=now))


def a_run(store: Store, random: Random, now: datetime) -> None:
    """A visit to one portal: some links, and what a person finds behind them."""
    portal = random.choice((PORTAL, OTHER, THIRD))
    host = portal.entries[0]
    links, answers = [], {}
    for number in range(random.randint(0, 5)):
        year = random.randint(2016, 2025)
        url = f"{host}{random.choice('abc')}{number}-{year}.htm"
        who = random.choice(("崇川区", "崇川区供销社", "民政局", "南通市"))
        link = named(year, who)
        links.append(type(link)(**{**{n: getattr(link, n) for n in link.__slots__}, "url": url}))
        answers[url] = random.choice((
            report(year, random.choice(BODIES), random.choice((None, f"{year + 1}-06-01"))),
            report(year - 1, random.choice(BODIES), f"{year}-01-20"),
            a_reading(kind=Kind.ARTICLE, report_year=None),
            random.choice(OUTCOMES),
        ))  # fmt: skip
        if random.random() < 0.2:
            del answers[url]
    crawl(
        store, links, answers, portal=portal, now=now,
        verdict=random.choice(("good", "good", "bad")),
        entry=random.choice((Outcome.NEW,) * 5 + (Outcome.BLOCKED,)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("location", "seed"),
    [(engine, seed) for engine in ENGINES for seed in range(6 if engine == "sqlite" else 1)],
    indirect=["location"],
)
def test_run_by_run_gives_what_making_it_anew_gives(store: Store, seed: int) -> None:
    random, now = Random(seed), NOW
    for _ in range(5):
        a_run(store, random, now)
        now += timedelta(days=random.choice((1, 40, 200)))
        cover(store, random.choice((None, [PORTAL, OTHER])), now=now)
        known, counts = rows(store, now), coverage_by_province(store, now=now)
        cover(store, None, now=now, anew=True)
        assert rows(store, now) == known
        assert coverage_by_province(store, now=now) == counts
        assert sum(each.bodies for each in counts) == len(known)


def test_only_the_bodies_of_visited_portals_are_looked_at(store: Store) -> None:
    crawl(store, [named(2016)], {page_of(2016): report(2016)})
    crawl(store, [], {}, portal=OTHER)
    told: list[tuple[int, int]] = []
    assert cover(store, None, now=NOW, on_bodies=lambda *counts: told.append(counts)) == 2
    assert sum(done for done, _ in told) == 2
    assert {whole for _, whole in told} == {2}
    assert cover(store, None, now=NOW) == 0
    crawl(store, [], {}, portal=OTHER, now=NOW + timedelta(days=1))
    assert cover(store, None, now=NOW) == 1


@pytest.mark.parametrize("days", [20, 400])
def test_what_came_after_a_run_of_a_wrong_clock_is_covered(store: Store, days: int) -> None:
    ahead, now = NOW + timedelta(days=days), NOW + timedelta(days=1)
    crawl(store, [], {}, portal=OTHER, now=ahead)
    crawl(store, [], {}, portal=THIRD, now=ahead)
    cover(store, None, now=ahead)
    cover(store, None, now=now)
    crawl(store, [named(2016)], {page_of(2016): report(2016)}, now=now)
    assert not is_covered(store, [PORTAL], now=now)
    assert cover(store, None, now=now) == 1
    assert [row.year for row in rows(store, now) if row.state is State.PRESENT] == [2016]
    crawl(store, [], {}, portal=OTHER, now=now)
    assert cover(store, None, now=now) == 1


def test_a_run_that_goes_on_behind_others_is_covered(store: Store) -> None:
    ticket = begin(store, PORTAL, job="cc")
    cover(store, None, now=NOW)
    crawl(store, [], {}, portal=OTHER)
    cover(store, None, now=NOW)
    visit(store, take(store, ticket.run_id)[0], reading=report(2016))
    assert cover(store, None, now=NOW) == 1
    finish(store, ticket.run_id)
    assert [row.year for row in rows(store) if row.state is State.PRESENT] == [2016]


def test_only_the_bodies_of_portals_that_were_read_again_are_looked_at(store: Store) -> None:
    crawl(store, [named(2016)], {page_of(2016): report(2016, None, "2017-01-20")})
    crawl(store, [], {}, portal=OTHER)
    cover(store, None, now=NOW)
    with store.write() as connection:  # what a better reader finds
        connection.execute(update(field).values(value="2017-06-01"))
    assert cover(store, None, now=NOW, reread={PORTAL.key}) == 1
    known = rows(store)
    assert [row.published_on for row in known if row.state is State.LATE] == ["2017-06-01"]
    assert cover(store, None, now=NOW, anew=True) == 2
    assert rows(store) == known


def test_a_portal_of_the_catalogue_comes_and_goes(store: Store) -> None:
    assert not is_covered(store, [PORTAL], now=NOW)
    cover(store, [PORTAL], now=NOW)
    assert is_covered(store, [PORTAL], now=NOW)
    assert {each.body for each in rows(store)} == {CHONGCHUAN.name}
    cover(store, None, now=NOW)  # the end of a run, which does not ask the catalogue
    assert {each.body for each in rows(store)} == {CHONGCHUAN.name}
    cover(store, [], now=NOW)
    assert rows(store) == []


def test_a_deadline_passes_without_a_run(store: Store) -> None:
    cover(store, [PORTAL], now=NOW)
    later = NOW + timedelta(days=365)
    assert max(each.year for each in rows(store)) == 2024 + 1
    assert max(each.year for each in rows(store, later)) == 2025 + 1
    assert not is_covered(store, [PORTAL], now=later)


def test_other_rules_make_every_cell_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    cover(store, [PORTAL], now=NOW)
    monkeypatch.setattr(covering, "_DECIDING", covering._DECIDING + 1)
    assert not is_covered(store, [PORTAL], now=NOW)
    assert cover(store, [PORTAL], now=NOW) == 1


def test_archives_of_many_portals_are_covered_in_parts(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(1)
    for _ in range(4):
        a_run(store, random, NOW)
    cover(store, None, now=NOW)
    whole = rows(store)
    monkeypatch.setattr(covering, "_REPORTS_AT_ONCE", 1)
    cover(store, None, now=NOW, anew=True)
    assert rows(store) == whole


def test_places_are_counted_with_all_below_them(store: Store) -> None:
    crawl(store, [named(2016)], {page_of(2016): report(2016)})
    crawl(store, [], {}, portal=OTHER)
    cover(store, None, now=NOW)
    below = coverage_below(store, "320000", now=NOW)
    assert {each.name for each in below} == {"南通市"}
    assert {(each.state, each.bodies) for each in below if each.year == 2016} == {
        (State.PRESENT, 1), (State.MISSING, 1),
    }  # fmt: skip
    assert {each.name for each in coverage_below(store, "320600", now=NOW)} == {"南通市", "崇川区"}


def test_a_report_that_was_crawled_by_itself_tells_nothing_of_others(store: Store) -> None:
    alone = a_portal("one", page_of(2016), name="崇川区", division="320613")
    ticket = begin(store, alone)
    visit(store, take(store, ticket.run_id)[0], reading=report(2016))
    finish(store, ticket.run_id)
    cover(store, None, now=NOW)
    assert Counter(each.state for each in rows(store) if each.year <= 2023) == {
        State.PRESENT: 1, State.NOT_LOOKED_AT: 15,
    }  # fmt: skip


def test_what_a_killed_run_read_is_covered(store: Store) -> None:
    cover(store, [PORTAL], now=NOW)
    ticket = begin(store, PORTAL)
    visit(store, take(store, ticket.run_id)[0], reading=report(2016))
    assert not is_covered(store, [PORTAL], now=NOW)
    cover(store, [PORTAL], now=NOW)
    assert [each.year for each in rows(store) if each.state is State.PRESENT] == [2016]
    assert is_covered(store, [PORTAL], now=NOW)
