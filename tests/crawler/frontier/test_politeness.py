from dataclasses import replace
from datetime import UTC, datetime, timedelta

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.portal import Portal
from crawler.frontier.politeness import Politeness, Remembered


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def lease(page_id: int, url: str) -> Lease:
    return Lease(
        page_id=page_id, run_id=1, portal_key="p", url=url, method="GET", body=None,
        role=Role.PAGE, depth=1, attempts=0, family=None,
    )  # fmt: skip


def politeness(
    clock: Clock, *, delay_s: float = 3.0, concurrency: int = 1, **memory: object
) -> Politeness:
    portal = Portal(key="p", name="p", entries=("http://a.test/",))
    return Politeness(
        portals=[portal], delay_s=delay_s, concurrency=concurrency,
        remembered=Remembered(**memory), now=clock,
    )  # fmt: skip


def test_a_host_is_asked_for_one_page_at_a_time() -> None:
    clock = Clock()
    ours = politeness(clock)
    ours.add(lease(1, "http://a.test/1"))
    ours.add(lease(2, "http://a.test/2"))
    assert ours.next() is not None
    clock.forward(3600)
    assert ours.next() is None


def test_the_pause_runs_from_the_end_of_the_last_exchange() -> None:
    clock = Clock()
    ours = politeness(clock)
    first = lease(1, "http://a.test/1")
    ours.add(first)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    clock.forward(10)
    ours.fetched(first, elapsed_s=0.1)
    clock.forward(2.9)
    assert ours.next() is None
    assert ours.seconds_to_wait() == 0.1 or abs(ours.seconds_to_wait() - 0.1) < 1e-6
    clock.forward(0.2)
    assert ours.next() is not None


def test_a_slow_host_gets_a_longer_pause() -> None:
    clock = Clock()
    ours = politeness(clock)
    first = lease(1, "http://a.test/1")
    ours.add(first)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    ours.fetched(first, elapsed_s=2.0)
    clock.forward(9.9)
    assert ours.next() is None
    clock.forward(0.2)
    assert ours.next() is not None


def test_hosts_take_turns_and_do_not_wait_for_each_other() -> None:
    ours = politeness(Clock())
    for number, host in enumerate(["a", "a", "b", "b"]):
        ours.add(lease(number, f"http://{host}.test/{number}"))
    assert {ours.next().url[:13], ours.next().url[:13]} == {
        "http://a.test",
        "http://b.test",
    }
    assert ours.next() is None


def test_two_ports_of_one_name_are_two_hosts() -> None:
    ours = politeness(Clock())
    ours.add(lease(1, "http://a.test:8001/"))
    ours.add(lease(2, "http://a.test:8002/"))
    assert ours.next() is not None
    assert ours.next() is not None


def test_a_restart_does_not_burst_a_host() -> None:
    clock = Clock()
    ours = politeness(clock, last_visits={"http://a.test:80": clock()})
    ours.add(lease(1, "http://a.test/1"))
    assert ours.next() is None
    clock.forward(3.1)
    assert ours.next() is not None


def test_a_retry_after_outlives_a_restart() -> None:
    clock = Clock()
    ours = politeness(clock, holds={"http://a.test:80": clock() + timedelta(seconds=120)})
    ours.add(lease(1, "http://a.test/1"))
    clock.forward(119)
    assert ours.next() is None
    clock.forward(2)
    assert ours.next() is not None


def test_a_refused_url_gives_its_turn_back() -> None:
    ours = politeness(Clock())
    first = lease(1, "http://a.test/1")
    ours.add(first)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    ours.skipped(first)
    assert ours.next() is not None


def test_robots_txt_is_fetched_within_the_turn_of_its_page() -> None:
    clock = Clock()
    ours = politeness(clock, concurrency=1)
    page = lease(1, "http://a.test/1")
    ours.add(page)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    ours.fetched(lease(99, "http://a.test/robots.txt"), elapsed_s=0.1)
    clock.forward(60)
    assert ours.next() is None, "the page's own turn is not over yet"


def test_what_still_waits_can_be_taken_out() -> None:
    ours = politeness(Clock())
    ours.add(lease(1, "http://a.test/1"))
    assert [each.page_id for each in ours.drain()] == [1]
    assert len(ours) == 0


def two_portals(clock: Clock, **settings: object) -> Politeness:
    """Portals a and b on hosts of their own, each with those settings."""
    portals = [
        Portal(key=key, name=key, entries=(f"http://{key}.test/",), **settings) for key in "ab"
    ]
    return Politeness(
        portals=portals, delay_s=3.0, concurrency=1, remembered=Remembered(), now=clock
    )


def of(portal: str, page_id: int) -> Lease:
    return replace(lease(page_id, f"http://{portal}.test/{page_id}"), portal_key=portal)


def test_portals_of_one_platform_are_one_host() -> None:
    clock = Clock()
    ours = two_portals(clock, platform="jiangsu")
    ours.add(of("a", 1))
    ours.add(of("b", 2))
    first = ours.next()
    assert ours.next() is None
    ours.fetched(first, elapsed_s=0.1)
    clock.forward(2.9)
    assert ours.next() is None
    clock.forward(0.2)
    assert ours.next() is not None


def test_a_restart_remembers_the_visit_of_a_neighbour_on_the_platform() -> None:
    clock = Clock()
    portals = [
        Portal(key=k, name=k, entries=(f"http://{k}.test/",), platform="jiangsu") for k in "ab"
    ]
    known = Remembered(last_visits={"http://b.test:80": clock()})
    ours = Politeness(portals=portals, delay_s=3.0, concurrency=1, remembered=known, now=clock)
    ours.add(of("a", 1))
    assert ours.next() is None


def test_a_long_pause_parks_what_waits_and_names_the_reason() -> None:
    clock = Clock()
    ours = politeness(clock, holds={"http://a.test:80": clock() + timedelta(hours=1)})
    ours.add(lease(1, "http://a.test/1"))
    assert ours.next() is None
    assert len(ours) == 0, "the run waits for nothing"
    assert "asked to be left alone until 2026-01-01 01:00 UTC" in ours.pauses()["p"].reason
    assert ours.closed_hosts(64) == ["http://a.test:80"]
    assert [each.page_id for each in ours.drain()] == [1]


def test_a_night_window_that_closes_parks_what_waits() -> None:
    clock = Clock()
    clock.at = datetime(2026, 1, 1, 21, 59, tzinfo=UTC)  # 05:59 in China
    ours = two_portals(clock, hours="22:00-06:00")
    first = of("a", 1)
    ours.add(first)
    ours.add(of("a", 2))
    assert ours.next() is not None
    ours.fetched(first, elapsed_s=0.1)
    clock.forward(61)
    assert ours.next() is None
    assert ours.pauses()["a"].planned


def test_a_portal_gets_no_more_pages_than_its_budget() -> None:
    clock = Clock()
    ours = two_portals(clock, max_pages=2)
    for number in range(5):
        ours.add(of("a", number))
    taken = 0
    while (each := ours.next()) is not None:
        taken += 1
        ours.fetched(each, elapsed_s=0.0)
        clock.forward(10)
    assert taken == 2
    assert "budget is 2 pages" in ours.pauses()["a"].reason


def test_a_host_that_fails_in_a_row_is_given_up() -> None:
    ours = politeness(Clock())
    each = lease(1, "http://a.test/1")
    assert [ours.failed(each, "timed out") for _ in range(6)] == [False] * 4 + [True, False]
    assert "5 failures in a row" in ours.circuit_open(each)


def test_images_that_a_host_refuses_do_not_close_it_for_pages() -> None:
    polite = politeness(Clock())
    shown = replace(lease(1, "http://a.test/a.png"), role=Role.REQUISITE)
    assert [polite.refused(shown, 403) for _ in range(9)] == [0] * 9
    pages = [polite.refused(lease(2, "http://a.test/1.html"), 403) for _ in range(6)]
    assert pages[-1] > 0
    polite.answered(shown)
    assert polite.refused(lease(2, "http://a.test/1.html"), 403) > pages[-1]


def test_an_answer_ends_a_row_of_failures() -> None:
    ours = politeness(Clock())
    each = lease(1, "http://a.test/1")
    for _ in range(4):
        ours.failed(each, "timed out")
    ours.answered(each)
    assert not ours.failed(each, "timed out")


def test_a_host_that_was_given_up_before_gets_one_try() -> None:
    ours = politeness(Clock(), trips={"http://a.test:80": 1})
    assert ours.failed(lease(1, "http://a.test/1"), "timed out")


def test_a_kill_counts_as_a_visit_of_every_host() -> None:
    clock = Clock()
    ours = politeness(clock, since=clock())
    ours.add(lease(1, "http://a.test/1"))
    assert ours.next() is None
    clock.forward(3.1)
    assert ours.next() is not None


def test_a_crawl_delay_counts_from_the_last_visit_over_a_restart() -> None:
    clock = Clock()
    ours = politeness(clock, last_visits={"http://a.test:80": clock()})
    each = lease(1, "http://a.test/1")
    ours.add(each)
    ours.slow_down(each, 10)
    clock.forward(9)
    assert ours.next() is None
