"""A host that sends us away is left alone longer each time, and then given up for the run."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from archive.store.rows import HostState
from crawler.frontier.hosts import HostLog, remembered, rest_when_busy
from crawler.frontier.politeness import Politeness
from tests.crawler.frontier.test_politeness import Clock, lease
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page
from tests.support.site import pages_of

BUSY = page("slow down", head="HTTP/1.1 429 Too Many Requests")
FORBIDDEN = page("no", head="HTTP/1.1 403 Forbidden")
REPORTS = 12


class Quick(Gongkai):
    """The command with a short first rest."""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"SCRAPY_SETTINGS_MODULE": "tests.support.quick"}

    def hosts(self) -> dict[str, object]:
        (row,) = self.rows("host")
        return row


@pytest.fixture
def quick(tmp_path: Path) -> Quick:
    return Quick(tmp_path / "home")


def answers(server: RawServer, refusal: bytes | None, **others: bytes) -> str:
    """A list of reports that all answer so; None: as they are."""
    site = {path: page(body) for path, body in pages_of(REPORTS).items()}
    if refusal is not None:
        site |= {path: refusal for path in site if "index" not in path}
    server.answers = site | {f"/nb/{name}.html": answer for name, answer in others.items()}
    return f"{server.url}/nb/index.html"


def requests_to(server: RawServer) -> int:
    """How many requests for reports came."""
    return sum(len(seen) for path, seen in server.requests.items() if path[4:5].isdigit())


def test_429_without_retry_after_slows_down_gives_up_and_goes_on_another_day(
    quick: Quick, server: RawServer
) -> None:
    entry = answers(server, BUSY)
    said = quick.crawl(entry, status=1)
    assert requests_to(server) == 3
    pauses = [after - before for before, after in zip(server.at[2:], server.at[3:], strict=False)]
    assert pauses[0] >= 0.3
    assert pauses[1] >= 0.6
    for words in ("3 requests in a row away", "status 429", "left for the next run"):
        assert words in said["reason"]
    assert not [row for row in quick.rows("outcomes") if row["outcome"] == "failed"]
    assert quick.hosts()["refusals"] == 3
    server.answers["/nb/index.html"] = BUSY
    count = len(server.at)
    quick.crawl(entry, status=1)
    assert len(server.at) == count + 1, "one more try, and none after it"
    assert server.at[-1] - server.at[-2] >= 1.2, "the rest is kept over runs"
    assert quick.hosts()["refusals"] == 4
    answers(server, None)
    quick.crawl(entry)
    assert {row["outcome"] for row in quick.rows("outcomes")} == {"new", "unchanged", "gone"}
    assert len(quick.rows("versions")) == REPORTS + 1
    assert quick.hosts()["refusals"] == 0, "a success ends the row"


def test_403_on_everything_is_the_hosts_affair_and_on_one_page_the_pages(
    quick: Quick, server: RawServer, tmp_path: Path
) -> None:
    entry = answers(server, FORBIDDEN)
    said = quick.crawl(entry, status=1)
    assert requests_to(server) == 5 + 2
    assert "in a row away, the last with status 403" in said["reason"]
    server.requests.clear()
    quick.home = tmp_path / "other"
    quick.crawl(answers(server, None, **{"3": FORBIDDEN, "7": FORBIDDEN}))
    assert requests_to(server) == REPORTS
    assert quick.hosts()["refusals"] == 0
    found = {row["url"][-6:]: row["outcome"] for row in quick.rows("outcomes")}
    assert (found["3.html"], found["7.html"], found["8.html"]) == ("blocked", "blocked", "new")


def test_robots_txt_that_is_refused_rests_its_host_too(quick: Quick, server: RawServer) -> None:
    entry = answers(server, None)
    server.answers["/robots.txt"] = [page("x", head="HTTP/1.1 503 Busy")] * 2 + [page("")]
    quick.crawl(entry, status=1)
    assert (quick.hosts()["refusals"], quick.hosts()["reason"][:10]) == (1, "status 503")
    quick.crawl(entry, status=1)
    assert quick.hosts()["refusals"] == 2
    assert requests_to(server) == 0
    quick.crawl(entry)
    assert len(server.requests["/robots.txt"]) == 3
    assert server.at[2] - server.at[1] >= 0.6


class Book:
    """A HostLog over a clock of its own."""

    def __init__(self, *known: HostState, first_s: float = 60.0) -> None:
        self.clock = Clock()
        self.states = {state.host: state for state in known}
        self.politeness = Politeness(
            portals=[], delay_s=0.0, concurrency=1, now=self.clock,
            remembered=remembered(self.states, since=None, resting=False),
        )  # fmt: skip
        self.book = HostLog(
            self.states, self.politeness, self._save, self.clock, first_rest_s=first_s
        )

    async def _save(self, state: HostState) -> None:
        self.states[state.host] = state

    def answer(self, status: int, asked_s: float | None = None) -> datetime | None:
        """Until when the host rests after an answer; None when it need not."""
        each = lease(1, "http://a.test/1")
        pause = None if asked_s is None else timedelta(seconds=asked_s)
        rested = self.book.rested(each, status, pause)
        if rested is None:
            asyncio.run(self.book.answered(each, status))
        return rested.not_before_at if rested else None

    def rests(self, *statuses: int) -> list[float]:
        """Seconds of rest after each answer, one after the other."""
        found = [self.answer(status) for status in statuses]
        return [(until - self.clock()).total_seconds() if until else 0 for until in found]


def test_each_rest_is_twice_the_last_one_and_a_day_at_most() -> None:
    assert Book().rests(429, 503, 429, 503) == [60, 120, 240, 480]
    known = HostState(host="http://a.test:80", refusals=30)
    assert Book(known).rests(429) == [86_400]
    assert rest_when_busy(10_000, 60) == timedelta(days=1)


def test_a_success_ends_the_row_and_a_missing_page_is_one() -> None:
    assert Book().rests(429, 200, 429, 404, 503, 304, 503) == [60, 0, 60, 0, 60, 0, 60]
    assert Book().rests(403, 403, 403, 403, 200, 403, 412) == [0] * 7
    assert Book().rests(403, 412, 521, 401, 403, 403) == [0, 0, 0, 0, 60, 120]


def test_what_a_host_asks_for_is_kept_to_the_second_until_it_asks_again_and_again() -> None:
    ours = Book()
    began = ours.clock()
    assert [ours.answer(429, 2), ours.answer(503, 0)] == [began + timedelta(seconds=2), began]
    assert ours.answer(429, 2) == began + timedelta(seconds=240)
    assert ours.states["http://a.test:80"].refusals == 3
    assert "3 requests in a row" in str(ours.politeness._hosts["http://a.test:80"].closed)


def test_what_waits_for_a_closed_host_is_put_aside_with_its_reason() -> None:
    ours = Book(first_s=0.0)
    ours.rests(429, 429, 429)
    ours.politeness.add(lease(2, "http://a.test/2"))
    assert ours.politeness.next() is None
    assert ours.politeness.closed_hosts(64) == ["http://a.test:80"]
    assert "status 429" in ours.politeness.pauses()["p"].reason
    assert [each.page_id for each in ours.politeness.drain()] == [2]
