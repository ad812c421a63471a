from datetime import UTC, datetime, timedelta

from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.portal import Portal
from crawler.manners import Manners, Remembered


class Clock:
    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def lease(page_id: int, address: str) -> Lease:
    return Lease(
        page_id=page_id, run_id=1, portal_key="p", address=address, method="GET", body=None,
        role=Role.PAGE, depth=1, attempts=0, family=None,
    )  # fmt: skip


def manners(
    clock: Clock, *, delay_s: float = 3.0, concurrency: int = 1, **memory: object
) -> Manners:
    portal = Portal(key="p", name="p", entries=("http://a.test/",))
    return Manners(
        portals=[portal], delay_s=delay_s, concurrency=concurrency,
        remembered=Remembered(**memory), now=clock,
    )  # fmt: skip


def test_a_host_is_asked_for_one_page_at_a_time() -> None:
    clock = Clock()
    ours = manners(clock)
    ours.add(lease(1, "http://a.test/1"))
    ours.add(lease(2, "http://a.test/2"))
    assert ours.next() is not None
    clock.forward(3600)
    assert ours.next() is None


def test_the_pause_runs_from_the_end_of_the_last_exchange() -> None:
    clock = Clock()
    ours = manners(clock)
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
    ours = manners(clock)
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
    ours = manners(Clock())
    for number, host in enumerate(["a", "a", "b", "b"]):
        ours.add(lease(number, f"http://{host}.test/{number}"))
    assert {ours.next().address[:13], ours.next().address[:13]} == {
        "http://a.test",
        "http://b.test",
    }
    assert ours.next() is None


def test_two_ports_of_one_name_are_two_hosts() -> None:
    ours = manners(Clock())
    ours.add(lease(1, "http://a.test:8001/"))
    ours.add(lease(2, "http://a.test:8002/"))
    assert ours.next() is not None
    assert ours.next() is not None


def test_a_restart_does_not_burst_a_host() -> None:
    clock = Clock()
    ours = manners(clock, last_visits={"http://a.test:80": clock()})
    ours.add(lease(1, "http://a.test/1"))
    assert ours.next() is None
    clock.forward(3.1)
    assert ours.next() is not None


def test_a_retry_after_outlives_a_restart() -> None:
    clock = Clock()
    ours = manners(clock, holds={"http://a.test:80": clock() + timedelta(seconds=120)})
    ours.add(lease(1, "http://a.test/1"))
    clock.forward(119)
    assert ours.next() is None
    clock.forward(2)
    assert ours.next() is not None


def test_a_refused_address_gives_its_turn_back() -> None:
    ours = manners(Clock())
    first = lease(1, "http://a.test/1")
    ours.add(first)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    ours.skipped(first)
    assert ours.next() is not None


def test_robots_txt_is_fetched_within_the_turn_of_its_page() -> None:
    clock = Clock()
    ours = manners(clock, concurrency=1)
    page = lease(1, "http://a.test/1")
    ours.add(page)
    ours.add(lease(2, "http://a.test/2"))
    ours.next()
    ours.fetched(lease(99, "http://a.test/robots.txt"), elapsed_s=0.1)
    clock.forward(60)
    assert ours.next() is None, "the page's own turn is not over yet"


def test_what_still_waits_can_be_taken_out() -> None:
    ours = manners(Clock())
    ours.add(lease(1, "http://a.test/1"))
    assert [each.page_id for each in ours.drain()] == [1]
    assert len(ours) == 0
