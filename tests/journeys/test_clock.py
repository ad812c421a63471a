"""A machine whose clock was wrong for one crawl crawls as usual when it is right again."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from tests.crawler.fetch.test_wire import listing
from tests.crawler.robots.test_robots import RULES, ends
from tests.journeys.test_outcomes import REPORT, report
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

BUSY = page("", head="HTTP/1.1 503 Busy", headers="Retry-After: 600\r\n")
CALM = {
    "/robots.txt": page(RULES),
    "/index.html": listing("/a", "/b"),
    "/a": report(2020),
    "/b": report(2019),
}


@pytest.mark.parametrize("days", [-2400, 1, 900])
def test_a_crawl_is_as_usual_after_one_by_a_wrong_clock(
    gongkai: Gongkai, server: RawServer, days: int
) -> None:
    server.answers = dict(CALM)
    entry = f"{server.url}/index.html"
    gongkai.ahead = timedelta(days=days)
    gongkai.crawl(entry)
    gongkai.ahead = timedelta(0)
    gongkai.crawl(entry)
    was_ahead = "is the clock right?" in gongkai.stderr
    assert was_ahead == (days > 0)
    assert ends(gongkai, server)["/index.html"] == "unchanged"
    assert len(server.requests["/robots.txt"]) == 2, "rules of another time were taken for fresh"
    gongkai.crawl(entry)
    assert gongkai.stderr.count("is the clock right?") == 0, "told again"
    visits = json.loads(gongkai.run("status", "--json"))["next_visits"]
    soon = (datetime.now(UTC) + timedelta(days=16)).isoformat()
    assert all(visit["at"] is None or visit["at"] < soon for visit in visits)


def test_a_pause_that_was_asked_for_in_a_wrong_year_is_kept_as_long_as_it_was(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = CALM | {"/a": [BUSY, report(2020)]}
    entry = f"{server.url}/index.html"
    gongkai.ahead = timedelta(days=900)
    gongkai.crawl(entry, status=1)
    count = len(server.at)
    gongkai.ahead = timedelta(0)
    gongkai.crawl(entry, status=1)
    assert len(server.at) == count, "the host was asked within its pause"
    gongkai.ahead = timedelta(minutes=11)
    gongkai.crawl(entry)
    assert ends(gongkai, server)["/a"] == "new"


@pytest.mark.parametrize("hours", [-9601, 0])
def test_a_night_that_changed_nothing_tells_of_the_clock_too(
    gongkai: Gongkai, server: RawServer, hours: int
) -> None:
    listed = page("<p>政府信息公开年报</p>", headers='ETag: "a"\r\n')
    date = format_datetime(datetime.now(UTC), usegmt=True)
    same = f'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nDate: {date}\r\n\r\n'.encode()
    server.answers = {"/index.html": [listed, same]}
    gongkai.crawl(f"{server.url}/index.html", status=None)
    gongkai.ahead = timedelta(hours=hours)
    gongkai.crawl(f"{server.url}/index.html", "--full", status=None)
    gongkai.ahead = timedelta(0)
    assert ends(gongkai, server)["/index.html"] == "unchanged"
    checks = json.loads(gongkai.run("doctor", "--json", status=None))
    [told] = [each for each in checks if each["check"] == "clock"]
    level, saw = ("bad", "400 days behind") if hours else ("good", "the Date of 1 host")
    assert (told["level"], saw in told["saw"]) == (level, True), told


@pytest.mark.parametrize("days", [-900, 900])
def test_versions_of_a_wrong_clock_are_as_stored(
    gongkai: Gongkai, server: RawServer, days: int
) -> None:
    """Fields are those of the last visit that found the same content, whatever its clock said."""
    for ahead, day in ((days, 5), (0, 6)):
        gongkai.ahead = timedelta(days=ahead)
        dated = f'<head><meta name="PubDate" content="2021-01-{day:02}">'
        text = REPORT.format(year=2020, text="全年主动公开政府信息120条。")
        server.answers = CALM | {"/a": page(text.replace("<head>", dated, 1))}
        gongkai.crawl(f"{server.url}/index.html", "--full", status=None)
    assert ends(gongkai, server)["/a"] == "unchanged"
    gongkai.run("verify", "--deep")
