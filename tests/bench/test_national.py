"""The nation in virtual time: the same at every run, no host beyond its pace, nothing left out."""

from collections import Counter
from datetime import datetime

import pytest

from archive.model.outcome import Outcome
from archive.model.portal import Portal
from archive.work.ingest.recrawl import is_open
from bench.national import HOUR, Costs, Nation, Page, Visited, measured_costs, pace_of
from bench.national_catalogue import NIGHT, Site, national

COSTS = Costs(fresh_a_second=33, same_a_second=94, warc_kib=5, ledger_kib=19, again_kib=6)
HOURS = 220 * 24  # from July to the first days of February
RESULTS = """| gongkai crawl, empty archive | 1050 | 33 (33–33) | 0.27 | 41.8 | 301 MiB |
| gongkai crawl --full, unchanged (304) | 1050 | 94 (94–94) | 0.77 | 12.6 | 238 MiB |
Stored by the first crawl: 5.2 KiB of WARC and
19.0 KiB of ledger a page; by the second
5.6 KiB a page."""


class Watched(Nation):
    """Notes who answered when."""

    def _note(self, page: Page, group: str, outcome: Outcome, now: datetime) -> None:
        self.answers[group, now] += 1
        super()._note(page, group, outcome, now)

    def run(self, hours: int, *, only_first: bool = False) -> Visited:
        self.answers: Counter[tuple[str, datetime]] = Counter()
        return super().run(hours, only_first=only_first)


@pytest.fixture(scope="module")
def sites() -> list[Site]:
    """A province, a county on a platform, one of the nights."""
    return [national(620)[0], national(620)[1], national(1543)[1]]


@pytest.fixture(scope="module")
def watched(sites: list[Site]) -> Watched:
    nation = Watched(sites, COSTS)
    nation.run(HOURS)
    return nation


def test_the_catalogue_has_all_portals_and_its_hosts_are_nobodys(sites: list[Site]) -> None:
    assert len(national()) == 3209
    assert {site.portal.entries[0].split("/")[2].endswith(".example") for site in national()} == {
        True
    }
    assert {site.portal.hours for site in sites} == {None, NIGHT}


def test_the_same_at_every_run(sites: list[Site], watched: Watched) -> None:
    again = Nation(sites, COSTS).run(30 * 24)
    assert again == Nation(sites, COSTS).run(30 * 24)
    assert again.first_done_at == watched.done.first_done_at


def test_no_host_answers_beyond_its_pace_or_outside_of_its_hours(
    sites: list[Site], watched: Watched
) -> None:
    for site in sites:
        pace_s = pace_of(site.portal, site.elapsed_s)
        hours = {at: n for (group, at), n in watched.answers.items() if group == site.group}
        assert max(hours.values()) <= HOUR.total_seconds() / pace_s + 1
        assert site.portal.hours is None or all(is_open(NIGHT, at) for at in hours)


def test_everything_is_captured_once_and_new_reports_soon(
    sites: list[Site], watched: Watched
) -> None:
    done = watched.done
    assert done.first_done_at is not None
    assert done.by_outcome[Outcome.NEW] >= done.first_pages
    assert len(done.lags) > 0.8 * sum(len(site.bodies) - 1 for site in sites)
    assert 0 <= max(done.lags) < 14 * 24
    assert done.busy_s > 0


def test_a_machine_that_can_do_little_takes_longer(sites: list[Site], watched: Watched) -> None:
    slow = Nation(sites, COSTS, machines=0.001).run(HOURS, only_first=True)
    assert slow.first_done_at is not None
    assert watched.done.first_done_at is not None
    assert slow.first_done_at > watched.done.first_done_at


def test_the_pace_is_the_crawls_own() -> None:
    portal = Portal(key="a", name="a", entries=("http://a.example/",), source="user")
    assert pace_of(portal, 0.2) == pytest.approx(3.2)
    assert pace_of(portal, 4.0) == pytest.approx(24.0)


def test_costs_are_read_from_the_results() -> None:
    costs = measured_costs(RESULTS)
    assert (costs.fresh_a_second, costs.same_a_second) == (33, 94)
    assert (costs.warc_kib, costs.ledger_kib, costs.again_kib) == (5.2, 19.0, 5.6)
    with pytest.raises(ValueError, match="make bench"):
        measured_costs("nothing")
