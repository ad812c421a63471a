"""Names that share an IP address share one connection and one pause."""

from datetime import timedelta
from pathlib import Path

from archive.model.frontier import Lease
from archive.store import Store
from archive.store.frontier import hosts
from crawler.frontier.politeness import Politeness
from tests.crawler.frontier.test_politeness import Clock, lease, politeness
from tests.support.abroad import PUBLIC, crawl
from tests.support.site import pages_of
from tests.support.transactions import fetch

A, B = "http://a.test:80", "http://b.test:80"


def two_names(clock: Clock, first: str, second: str, **memory: object) -> tuple[Politeness, Lease]:
    """A page of each of two hosts; the first one's is under way."""
    ours = politeness(clock, **memory)
    for number, name in enumerate((first, second)):
        page = lease(number, f"{name}/{number}")
        assert ours.look_up(name) == ("test" in name)
        ours.add(page)
        if "test" in name:
            assert ours.seconds_to_wait() is None or number
            ours.leads_to(name, ["192.0.2.1", f"192.0.2.{number + 10}"])
    begun = ours.next()
    assert begun is not None
    return ours, begun


def test_names_at_one_url_are_asked_one_after_the_other_with_one_pause() -> None:
    clock = Clock()
    ours, begun = two_names(clock, A, B)
    clock.forward(3600)
    assert ours.next() is None, "one connection"
    assert ours.seconds_to_wait() is None, "only the end of the other one helps"
    ours.fetched(begun, elapsed_s=0.1)
    clock.forward(2.9)
    assert ours.next() is None, "one pause"
    clock.forward(0.2)
    assert ours.next() is not None


def test_other_ports_are_other_lines_and_so_are_numbers_without_a_name() -> None:
    for first, second in (
        (A, "http://b.test:8080"),
        (A, "https://b.test:443"),
        ("http://127.0.0.1:80", "http://127.0.0.1:81"),
        ("http://127.0.0.1:80", "http://127.0.0.2:80"),
    ):
        ours, _ = two_names(Clock(), first, second)
        assert ours.next() is not None, (first, second)


def test_a_number_and_the_name_that_leads_there_are_one() -> None:
    ours, _ = two_names(Clock(), A, "http://192.0.2.1:80")
    assert ours.next() is None


def test_nothing_is_asked_of_a_name_before_it_is_known_where_it_leads() -> None:
    ours = politeness(Clock())
    assert ours.look_up(A)
    assert not ours.look_up(A), "once"
    ours.add(lease(1, f"{A}/1"))
    assert ours.next() is None
    ours.leads_to(A, [])
    assert ours.next() is not None, "a name without a number says so when it is asked"


def test_a_name_of_which_an_url_becomes_known_late_counts_what_is_under_way() -> None:
    clock = Clock()
    ours = politeness(clock)
    for number, name in enumerate((A, B)):
        ours.add(lease(number, f"{name}/{number}"))
    first = ours.next()
    for name in (A, B):
        ours.leads_to(name, ["192.0.2.1"])
    assert ours.next() is None
    ours.fetched(first, elapsed_s=0)
    clock.forward(3.1)
    assert ours.next() is not None


def test_failures_and_rests_stay_with_the_name_but_what_counts_requests_counts_them_all() -> None:
    clock = Clock()
    ours, begun = two_names(clock, A, B)
    ours.fetched(begun, elapsed_s=0)
    for _ in range(5):
        ours.failed(begun, "timed out")
    assert ours.circuit_open(begun) is not None
    ours.hold(begun, clock() + timedelta(hours=1))  # 503: the site behind that name
    clock.forward(3.1)
    other = ours.next()
    assert other is not None
    assert ours.circuit_open(other) is None
    ours.fetched(other, elapsed_s=0)
    ours.add(lease(7, f"{A}/7"))
    ours.hold(other, clock() + timedelta(minutes=4), shared=True)  # 429: what answers there
    clock.forward(60)
    assert ours.pause_before(lease(8, f"{A}/8")) > 60


def test_a_page_in_the_browser_has_the_next_turn_of_its_line() -> None:
    clock = Clock()
    ours, begun = two_names(clock, A, B)
    ours.fetched(begun, elapsed_s=0)
    ours.reserve(begun)
    clock.forward(3.1)
    assert ours.next() is None, "the other name's page waits"
    assert ours.take_reserved(begun)
    ours.fetched(begun, elapsed_s=0)
    clock.forward(3.1)
    assert ours.next() is not None


def test_a_restart_knows_when_the_other_name_was_visited() -> None:
    clock = Clock()
    ours = politeness(clock, last_visits={A: clock()}, numbers={A: ["192.0.2.1"]})
    ours.look_up(B)
    ours.add(lease(1, f"{B}/1"))
    ours.leads_to(B, ["192.0.2.1"])
    assert ours.next() is None
    clock.forward(3.1)
    assert ours.next() is not None


def test_two_portals_at_one_url_are_crawled_over_one_connection(tmp_path: Path) -> None:
    names = {"www.a.gov.cn": PUBLIC, "www.b.gov.cn": PUBLIC, "www.c.gov.cn": "202.106.0.9"}
    entries = [f"http://{name}/nb/index.html" for name in names]
    home = tmp_path / "home"
    seen = crawl(
        names=names, routes=pages_of(3), home=str(home), pause_s=0.05,
        args=[*entries[:2], "--delay", "0"],
    )  # fmt: skip
    assert seen.said["verdict"] == "good"
    assert {name for name, _, _ in seen.requests} == {"www.a.gov.cn", "www.b.gov.cn"}
    assert {at_once for _, _, at_once in seen.requests} == {1}
    with Store.open(home) as store:
        assert {s.ip_addresses for s in fetch(store, hosts.host_states).values()} == {PUBLIC}
    apart = crawl(
        names=names, routes=pages_of(3), home=str(tmp_path / "2"), pause_s=0.05,
        args=[*entries[1:], "--delay", "0"],
    )  # fmt: skip
    assert max(at_once for _, _, at_once in apart.requests) == 2, "two URLs are two hosts"
