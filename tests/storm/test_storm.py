"""A local county in bad weather: what the harness saw proves the politeness, the ledger the rest."""

import json
import os
import signal
import time
from collections import Counter

import pytest

from tests.storm.conftest import Storm
from tests.storm.county import Answer, county_of
from tests.storm.later import later_days, verdicts_of
from tests.storm.portals import (
    CASES,
    SICK,
    STORMS,
    YEARS,
    always,
    case_portal,
    county_site,
    demo_portal,
    fair,
    storm_portal,
    stormy,
)

DELAY_S = 0.2


def path_of(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def ends(storm: Storm, portal_url: str) -> dict[str, str]:
    """The latest outcome of every URL of a portal, by path."""
    rows = sorted(storm.rows("outcomes"), key=lambda row: row["run"])
    return {path_of(r["url"]): r["outcome"] for r in rows if r["url"].startswith(portal_url)}


def check_every_url_once(storm: Storm) -> None:
    outcomes = Counter((row["run"], row["url"]) for row in storm.rows("outcomes"))
    assert set(outcomes.values()) == {1}
    versions = Counter(row["url"] for row in storm.rows("versions"))
    assert set(versions.values()) == {1}


@pytest.mark.timeout(400)
def test_storms_end_with_the_right_outcomes_and_politeness_is_kept_over_a_kill(
    storm: Storm,
) -> None:
    hosts = {name: f"127.3.{number}.1" for number, name in enumerate(STORMS)}
    with county_of({host: storm_portal(name) for name, host in hosts.items()}) as county:
        storm.catalogue({n: county.url(h, "/nb/index.html") for n, h in hosts.items()})
        crawl = ("crawl", *hosts, "--delay", str(DELAY_S))
        first = storm.begin(*crawl)
        while len(county.log) < 60 and first.poll() is None:
            time.sleep(0.01)
        os.kill(first.pid, signal.SIGKILL)
        first.communicate()
        storm.run(*crawl, status=None)
        county.check_politeness(delay_s=DELAY_S)
        check_every_url_once(storm)
        for name, host in hosts.items():
            found = ends(storm, county.url(host, ""))
            assert found[SICK] == STORMS[name][1], (name, found)
            others = {path for path in county_site() if path != SICK}
            assert {found[path] for path in others} == {"new"}, (name, found)
        (busy,) = (h for n, h in hosts.items() if n == "busy")
        told = next(
            request for request in county.log if request.host == busy and request.status == 429
        )
        after = next(a for a in county.log if a.host == busy and a.began_s > told.ended_s)
        assert after.began_s - told.ended_s >= 2, "Retry-After was not kept"
        # Which half of a redirect loop is told depends on which of the two is asked for first.
        days = ("25 hours on", "13 months on")
        wrong = later_days(storm, county, dict.fromkeys(hosts, "good"), days=days)
        assert [each for each in wrong if hosts["looped"] not in each] == []


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_every_family_gives_every_report_once(storm: Storm) -> None:
    """The list of misses is empty: the demo's three families, and every saved list. Before each
    commit `test_families.py` crawls every family from its home page, later days included, and
    `tests/families/test_cases.py` reads every saved list.
    """
    portals = {family: demo_portal(family, reports=15) for family in ("trs", "hanweb", "plain")}
    cases = {path.name: case_portal(path.name) for path in sorted(CASES.iterdir())}
    portals |= {name: case for name, case in cases.items() if case is not None}
    hosts = {name: f"127.4.{number}.1" for number, name in enumerate(portals)}
    with county_of({hosts[name]: weather for name, (weather, _, _) in portals.items()}) as county:
        storm.catalogue({n: county.url(hosts[n], entry) for n, (_, entry, _) in portals.items()})
        said = storm.run("crawl", *portals, "--delay", "0", "--json", status=None)
        versions = Counter(row["url"] for row in storm.rows("versions"))
        wanted = {
            county.url(hosts[name], path): name
            for name, (_, _, paths) in portals.items()
            for path in paths
        }
        misses = {url: name for url, name in wanted.items() if url not in versions}
        assert misses == {}
        assert {versions[url] for url in wanted} == {1}
        assert later_days(storm, county, verdicts_of(json.loads(said)["portals"])) == []


@pytest.mark.timeout(100)
def test_a_portal_that_closes_or_pauses_is_left_alone_and_said_so(storm: Storm) -> None:
    """robots.txt with 5xx means no request; a long Retry-After ends the run in order, and its
    URLs stay for the next one; a host that fails again and again is given up.
    """
    site = county_site()
    hour = Answer(status=503, headers={"Retry-After": "3600"})
    weather = {
        "127.5.0.1": stormy(site, always("/robots.txt", Answer(status=503))),
        "127.5.0.2": stormy(site, lambda path, _: hour if path == SICK else None),
        "127.5.0.3": stormy(site, lambda p, _: Answer(status=500) if "/20" in p else None),
        "127.5.0.4": fair(site),
    }
    with county_of(weather) as county:
        keys = dict(zip(("closed", "paused", "failing", "well"), weather, strict=True))
        storm.catalogue({k: county.url(h, "/nb/index.html") for k, h in keys.items()})
        said = json.loads(storm.run("crawl", "--due", "--delay", "0", "--json", status=1))
        verdicts = {key: (row["verdict"], row["reason"]) for key, row in said["portals"].items()}
        assert {key: verdicts[key][0] for key in keys} == {
            "closed": "bad", "paused": "bad", "failing": "bad", "well": "good",
        }  # fmt: skip
        assert county.paths("127.5.0.1") == ["/robots.txt"]
        assert "robots.txt answered 503" in verdicts["closed"][1]
        visited = county.paths("127.5.0.2")
        assert visited[-1] == SICK, "the host was asked again within its pause"
        assert "asked to be left alone until" in verdicts["paused"][1]
        failed = [a for a in county.log if a.host == "127.5.0.3" and a.status == 500]
        assert len(failed) < 10, "the host was not given up"
        assert set(ends(storm, county.url("127.5.0.3", "")).values()) >= {"failed"}
        before = len(county.log)
        storm.run("crawl", "--due", "--delay", "0", status=None)
        again = {request.host for request in county.log[before:]}
        assert not again & {"127.5.0.2", "127.5.0.3"}, "paused hosts were visited again"


@pytest.mark.timeout(100)
def test_a_new_template_makes_no_version_and_an_emptied_list_a_bad_verdict(storm: Storm) -> None:
    site = county_site()
    with county_of({"127.6.0.1": fair(site)}) as county:
        entry = county.url("127.6.0.1", "/nb/index.html")
        storm.crawl(entry)
        dressed = {p: b.replace(b'class="con"', b'class="neu"') for p, b in site.items()}
        site.update(
            {p: b.replace("主办：".encode(), "版权所有：".encode()) for p, b in dressed.items()}
        )
        storm.crawl(entry, "--full")
        assert set(ends(storm, county.url("127.6.0.1", "/nb")).values()) == {"unchanged"}
        check_every_url_once(storm)
        site["/nb/index.html"] = site["/nb/index_1.html"] = b"<html><body><ul></ul></body></html>"
        storm.crawl(entry, "--full", status=1)
        assert len(YEARS) <= len(storm.rows("documents"))
