"""Workers whose WARC files go to a bucket: whatever is killed, and whatever the bucket's server does,
every record is there once and comes back whole.
"""

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.storm.county import County, county_of
from tests.storm.crew import (
    check,
    children_of,
    crew,
    is_done,
    keep_up,
    pages_of,
    portals,
    stock,
    strike,
)
from tests.storm.portals import SICK, STORMS, county_site, fair, storm_portal
from tests.support.engines import SERVER
from tests.support.s3 import BUSY, CUT_SENT, LIE_SENT, FaultyS3, faulty_s3, s3_port
from tests.support.workers import LEASE_S, Crew, wait_for

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")

__all__ = ["crew", "s3_port"]

# PORTALS/KILLS: fewer of both while something is looked for; nothing less proves what is claimed.
PORTALS, KILLS = map(int, os.environ.get("GONGKAI_TEST_STORM", "315/100").split("/"))
AT_ONCE, PATIENCE_S = 3, 9000


@pytest.fixture
def s3(crew: Crew, s3_port: int, tmp_path: Path) -> Iterator[FaultyS3]:
    with faulty_s3(s3_port) as server:
        url = server.make_bucket(f"storm-{tmp_path.name.replace('_', '-').lower()[-40:]}-x")
        crew.more = {**server.environment, "GONGKAI_WARC_URL": url, "GONGKAI_WARC_KEEP_DAYS": "0"}
        yield server


def bad_day(chance: random.Random) -> Callable[[str, str], int | None]:
    """Every other file that is sent meets something."""

    def fault(method: str, path: str) -> int | None:
        is_sent = method == "PUT" and path.endswith(".gz")
        return chance.choice([None, None, None, BUSY, CUT_SENT, LIE_SENT]) if is_sent else None

    return fault


def waits_in_folder(crew: Crew) -> list[str]:
    return [path.name for path in (crew.home / "warc").glob("*.warc.gz*")]


def check_bucket(crew: Crew, s3: FaultyS3) -> None:
    """Every WARC file that the ledger knows lies in the bucket alone, whole, and reads well."""
    url = crew.more["GONGKAI_WARC_URL"]
    rows = crew.ask("SELECT name, location, sha256, committed_end FROM warc_file")
    assert {row["location"] for row in rows} == {url}
    there = s3.objects(url)
    del there["archive.toml"]
    assert {row["name"]: (row["committed_end"], row["sha256"]) for row in rows} == {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in there.items()
    }
    assert " 0 errors" in crew.run("verify", "--deep", patience_s=900)


@pytest.mark.timeout(900)
def test_a_killed_workers_portals_are_taken_over_and_nothing_is_lost_or_doubled(
    crew: Crew, s3: FaultyS3
) -> None:
    hosts, site = portals(2), county_site(range(2020, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        assert sorted(crew.schedule(*hosts)["enqueued"]) == sorted(hosts)
        crew.hire("one", at_once=2)
        wait_for(lambda: len(county.log) > 5)
        strike(crew, "one")
        crew.hire("two")
        time.sleep(LEASE_S)
        crew.schedule("p000")  # sweeps, as the workers do every five minutes
        wait_for(lambda: crew.is_idle() and not waits_in_folder(crew))
        crew.dismiss()
        check(crew, county, pages_of(county, hosts, site))
        assert crew.ask("SELECT 1 FROM run WHERE resumed_at IS NOT NULL")
        keep_up(crew)
        assert "is not sealed" not in crew.run("status")
        check_bucket(crew, s3)
        assert " 0 errors" in crew.run("verify", "--seals", patience_s=900)
        [night] = (crew.home / "runs").glob("night-*.txt")
        assert f"New reports: {len(hosts) * 4}" in night.read_text("utf-8")


def check_storms(crew: Crew, county: County, hosts: dict[str, str], storms: dict[str, str]) -> None:
    """Each portal's sick page ends as its weather has it, and so do all others, once."""
    site = county_site()
    sick = {county.url(hosts[key], SICK): name for key, name in storms.items()}
    wanted = pages_of(county, hosts, site)
    kept = {url for url in wanted if url not in sick or STORMS[sick[url]][1] == "new"}
    check(crew, county, kept)
    last = {row["url"]: row["outcome"] for row in
            sorted(crew.rows("outcomes"), key=lambda row: row["run"])}  # fmt: skip
    wrong = {
        url: (name, last.get(url)) for url, name in sick.items() if last.get(url) != STORMS[name][1]
    }
    assert wrong == {}


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_S + 1200)
def test_four_workers_a_storm_and_a_hundred_kills_lose_and_double_nothing(
    crew: Crew, s3: FaultyS3
) -> None:
    """Every other blow kills a worker with all that it runs, as a machine that goes down; the rest
    kill the worker alone, or one of its visits. They fall from the first portal to the last, however
    quick this machine is.
    """
    chance = random.Random(13)
    hosts = portals(PORTALS)
    names = sorted(set(STORMS) - {"looped"})  # which half of a loop is asked first is chance
    storms = {key: names[n % len(names)] for n, key in enumerate([*hosts][::3])}
    weather = {
        host: storm_portal(storms[key]) if key in storms else fair(county_site())
        for key, host in hosts.items()
    }
    crew.settings, s3.fault = "tests.storm.patient", bad_day(chance)
    with county_of(weather) as county:
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        hired = 4
        for number in range(hired):
            crew.hire(f"w{number}", at_once=AT_ONCE)
        blows: Counter[str] = Counter()
        began = time.monotonic()
        while blows.total() < KILLS or not is_done(crew, hosts):
            assert time.monotonic() < began + PATIENCE_S, "it did not come to an end"
            time.sleep(chance.uniform(1, 5))
            if blows.total() < KILLS * min(1, (visited(crew) + 1) / PORTALS):
                blows[strike_one(crew, chance)] += 1
                while len(crew.workers) < 4:
                    crew.hire(f"w{hired}", at_once=AT_ONCE)
                    hired += 1
            if chance.random() < 0.1:
                crew.schedule()
        wait_for(lambda: not waits_in_folder(crew))
        took_s = time.monotonic() - began
        said, files = crew.dismiss(), len(crew.ask("SELECT name FROM warc_file"))
        print(
            f"{PORTALS} portals, {dict(blows)}, {hired} workers, {len(county.log)} requests,"
            f" {files} files, {took_s:.0f} s"
        )
        print(*said.values(), sep="\n")
        check_storms(crew, county, hosts, storms)
        check_bucket(crew, s3)


def visited(crew: Crew) -> int:
    """How many visits came to their end."""
    return int(crew.ask("SELECT count(*) AS n FROM run WHERE status = 'finished'")[0]["n"])


def strike_one(crew: Crew, chance: random.Random) -> str:
    """What was killed."""
    name = chance.choice(sorted(crew.workers))
    what = chance.choice(["machine", "machine", "worker", "visit"])
    if what == "machine":
        strike(crew, name)
    elif what == "worker":
        crew.kill(name)
    else:
        for process in children_of(crew.workers[name].pid)[:1]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
    return what
