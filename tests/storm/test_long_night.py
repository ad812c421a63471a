"""The long proofs: many kills over many portals, and memory that does not grow with the crawl."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.demo.columns import LISTS
from crawler.demo.site import Request, generate_site
from tests.journeys.test_kill import check_warcs
from tests.storm.conftest import Storm
from tests.storm.county import Answer, County, Weather, county_of
from tests.storm.portals import county_site, fair

PORTALS = 50
YEARS_EACH = range(1950, 2024)  # 74 reports and two lists a portal: 3,800 pages
KILLS = int(os.environ.get("GONGKAI_TEST_KILLS", "100"))
# Of requests seen before a kill. Every portal is asked at once, so a kill before the fiftieth falls
# before the first transaction; all kills together see fewer requests than there are pages.
MOST_SEEN = 70
DELAY_S = 0.01


def check_all_is_there_once(storm: Storm, county: County, pages: set[str]) -> None:
    versions = Counter(row["url"] for row in storm.rows("versions"))
    wanted = {county.url(host, path) for host in county.portals for path in pages}
    assert wanted - set(versions) == set(), "lost"
    assert {url: count for url, count in versions.items() if count > 1} == {}, "doubled"
    outcomes = Counter((row["run"], row["url"]) for row in storm.rows("outcomes"))
    assert set(outcomes.values()) == {1}
    ended = {url for _, url in outcomes}
    assert ended >= wanted


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_hundred_kills_over_fifty_portals_lose_nothing_and_double_nothing(storm: Storm) -> None:
    chance = random.Random(20261122)
    hosts = [f"127.7.{number}.1" for number in range(PORTALS)]
    site = county_site(YEARS_EACH)
    with county_of(dict.fromkeys(hosts, fair(site))) as county:
        keys = {f"p{n}": county.url(host, "/nb/index.html") for n, host in enumerate(hosts)}
        storm.catalogue(keys)
        crawl = ("crawl", *keys, "--delay", str(DELAY_S))
        for _ in range(KILLS):
            process = storm.start(*crawl)
            seen, wait = len(county.log), chance.randint(1, MOST_SEEN)
            while len(county.log) < seen + wait and process.poll() is None:
                time.sleep(0.005)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            assert process.returncode == -signal.SIGKILL, "it ended before the blow"
        storm.run(*crawl, patience_s=900)
        check_all_is_there_once(storm, county, set(site))
        county.check_politeness(delay_s=DELAY_S)
        check_warcs(storm)
    assert [row["verdict"] for row in storm.rows("runs")] == ["good"]


def generated(reports: int) -> Weather:
    site = generate_site(reports, "trs", per_list=50)

    def answer(path: str, times: int) -> Answer:
        found = site.answer(Request(target=path, visit=times))
        headers = dict(found.headers)
        return Answer(
            body=found.body, status=found.status, headers=headers, media_type=found.media_type
        )

    return answer


def peak_kib(process: "subprocess.Popen[str]") -> int:
    """The main process's highest resident memory, watched until it ends."""
    peak = 0
    while process.poll() is None:
        try:
            with Path(f"/proc/{process.pid}/status").open() as handle:
                peak = max(peak, *(int(x.split()[1]) for x in handle if x.startswith("VmHWM")))
        except (OSError, TypeError):
            break
        time.sleep(0.1)
    process.communicate()
    return peak


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_memory_at_thirty_thousand_pages_is_that_of_three_thousand(storm: Storm) -> None:
    storm.settings = "settings.base"  # the crawl is faster than this site: nothing here times out
    peaks = {}
    for number, reports in enumerate((3_000, 30_000)):
        host = f"127.8.{number}.1"
        with county_of({host: generated(reports)}) as county:
            crawl = ("crawl", county.url(host, LISTS["trs"]), "--delay", "0")
            peaks[reports] = peak_kib(storm.start(*crawl, "--concurrency", "16"))
    assert len(storm.rows("documents")) >= 33_000
    assert peaks[30_000] <= 1.1 * peaks[3_000], peaks
