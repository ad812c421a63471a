"""Workers that share one PostgreSQL archive: killed, cut off and misled, they lose nothing, double
nothing and harm no host. The county's own log tells.
"""

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import make_url

from tests.storm.county import County, county_of
from tests.storm.portals import county_site, fair
from tests.support.engines import SERVER, ledger_on
from tests.support.proxy import proxy_to
from tests.support.workers import LEASE_S, Crew, cluster, wait_for

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")

DELAY_S = 0.2
ROW = f"delay_s = {DELAY_S}\n"


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    with ledger_on("postgresql", tmp_path) as url:
        crew = Crew(tmp_path / "home", url)
        yield crew
        for worker in crew.workers.values():
            worker.kill()
            worker.communicate()


def portals(number: int) -> dict[str, str]:
    """Hosts by key."""
    return {f"p{each:03}": f"127.8.{each // 200}.{each % 200 + 1}" for each in range(number)}


def stock(crew: Crew, county: County, hosts: dict[str, str]) -> None:
    crew.catalogue({k: county.url(h, "/nb/index.html") for k, h in hosts.items()}, ROW)


def children_of(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def check(crew: Crew, county: County, hosts: dict[str, str], site: dict[str, bytes]) -> None:
    """0 lost, 0 doubled, nobody harmed."""
    county.check_politeness(delay_s=DELAY_S)
    wanted = {county.url(host, path) for host in hosts.values() for path in site}
    versions = Counter(row["url"] for row in crew.rows("versions"))
    assert {url for url in wanted if url not in versions} == set(), "lost"
    assert {url: n for url, n in versions.items() if n != 1} == {}, "doubled"
    outcomes = Counter((row["run"], row["url"]) for row in crew.rows("outcomes"))
    assert set(outcomes.values()) == {1}
    new = Counter(row["url"] for row in crew.rows("outcomes") if row["outcome"] == "new")
    assert {url: new[url] for url in wanted if new[url] != 1} == {}
    assert crew.ask("SELECT count(*) AS n FROM frontier")[0]["n"] == 0
    left = crew.ask("SELECT id, job, status FROM run WHERE status <> 'finished'")
    assert left == []


def strike(crew: Crew, name: str) -> None:
    """The power of one machine fails."""
    machine = children_of(crew.workers[name].pid)
    crew.kill(name)
    for process in machine:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)


@pytest.mark.timeout(300)
def test_a_killed_workers_portals_are_taken_over_and_nothing_is_lost_or_doubled(
    crew: Crew,
) -> None:
    hosts, site = portals(3), county_site(range(2020, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        assert sorted(crew.schedule(*hosts)["enqueued"]) == sorted(hosts)
        crew.hire("one", at_once=2)
        wait_for(lambda: len(county.log) > 5, 100)
        strike(crew, "one")
        crew.hire("two")
        time.sleep(LEASE_S)
        crew.schedule("p000")  # sweeps, as the workers do every five minutes
        wait_for(crew.is_idle, 120)
        crew.dismiss()
        check(crew, county, hosts, site)
        assert crew.ask("SELECT 1 FROM run WHERE resumed_at IS NOT NULL")
        assert "is not sealed" not in crew.run("status")
        crew.run("verify")


def test_a_ledger_is_not_moved_from_under_a_worker_and_one_that_was_ends_it(
    crew: Crew, tmp_path: Path
) -> None:
    crew.catalogue({"p000": "http://127.8.0.1/"}, ROW)
    begun = crew.hire("one").stdout
    assert begun is not None
    assert begun.readline().startswith("worker one: ")
    crew.run("move", str(tmp_path / "elsewhere"), status=4)
    assert "worker one (" in crew.stderr
    assert "is at work on this archive; end the workers" in crew.stderr
    crew.ask("UPDATE worker_lease SET until_at = clock_timestamp() - interval '1 hour'")  # cut off
    crew.run("move", str(tmp_path / "elsewhere"))
    worker = crew.workers.pop("one")
    _, err = worker.communicate(timeout=60)
    place = tmp_path / "elsewhere" / "archive.sqlite"
    told = f"gongkai: this ledger was moved to {place}: name that one"
    assert (worker.returncode, err.splitlines()[-1]) == (4, told)


@pytest.mark.slow
def test_what_a_worker_cannot_do_is_one_line(crew: Crew, tmp_path: Path) -> None:
    """A name that is taken, a portal that was removed, an archive that is newer than the code."""
    hosts, site = portals(2), county_site(range(2022, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        crew.schedule("p000")
        crew.catalogue({"p001": county.url(hosts["p001"], "/nb/index.html")}, ROW)
        crew.hire("one", at_once=1)
        wait_for(crew.is_idle, 120)
        assert not county.paths(hosts["p000"])
        crew.run("worker", "--name", "one", status=4)
        assert crew.stderr == (
            "gongkai: a worker named one is at work already; give this one another --name\n"
        )
        crew.schedule("p001")
        crew.ask("UPDATE alembic_version SET version_num = '9999'")
        out, err = crew.workers.pop("one").communicate(timeout=60)
        assert "p000: no such portal in the catalogue any more; its job is dropped\n" in out
        assert err.startswith("gongkai: this archive has schema 9999, newer than "), err
        crew.run("worker", "--name", "two", status=2)
        assert crew.stderr == err


@pytest.mark.slow
def test_a_worker_whose_clock_is_a_day_ahead_goes_by_the_databases(crew: Crew) -> None:
    hosts, site = portals(1), county_site(range(2022, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        crew.clock_ahead_s = 86_400
        crew.hire("ahead")
        wait_for(crew.is_idle, 120)
        said = crew.dismiss()["ahead"]
        check(crew, county, hosts, site)
        assert "this machine's clock is 24 h 0 min ahead of the database's: set it" in said
        last = crew.ask(
            "SELECT max(captured_at) - clock_timestamp() AS captures,"
            " (SELECT max(last_visit_at) FROM host) - clock_timestamp() AS hosts FROM capture"
        )[0]
        assert max(last.values()) < timedelta(minutes=1)
        assert crew.ask("SELECT 1 FROM procrastinate_periodic_defers") == []


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize("silent", [False, True])
def test_a_wire_to_the_database_that_is_cut_costs_time_and_nothing_else(
    crew: Crew, *, silent: bool
) -> None:
    hosts, site = portals(6), county_site()
    there = make_url(SERVER)
    with (
        county_of({host: fair(site) for host in hosts.values()}) as county,
        proxy_to(there.host or "127.0.0.1", there.port or 5432) as (proxy, port),
    ):
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        crew.through = str(make_url(crew.url).set(port=port).render_as_string(hide_password=False))
        crew.hire("cut")
        crew.through = crew.url
        crew.hire("whole", at_once=1)
        wait_for(lambda: len(county.log) > 20, 60)
        proxy.cut(silent=silent)
        time.sleep(LEASE_S * 3)
        proxy.mend()
        until_idle(crew, hosts, 200)
        crew.dismiss()
        check(crew, county, hosts, site)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_database_that_restarts_in_mid_crawl_costs_time_and_nothing_else(tmp_path: Path) -> None:
    hosts, site = portals(6), county_site()
    with (
        cluster() as (url, restart),
        county_of({host: fair(site) for host in hosts.values()}) as county,
    ):
        crew = Crew(tmp_path / "home", url)
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        crew.hire("one")
        for number in range(3):
            wait_for(lambda seen=20 * number: len(county.log) > 10 + seen, 60)
            restart()
        until_idle(crew, hosts, 200)
        crew.dismiss()
        check(crew, county, hosts, site)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_four_workers_and_a_hundred_kills_lose_and_double_nothing(crew: Crew) -> None:
    """Every other blow kills a worker with all that it runs, as a machine that goes down; the rest
    kill the worker alone, or one of its visits.
    """
    hosts, site, chance = portals(60), county_site(), random.Random(13)
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        number = 0
        for number in range(4):
            crew.hire(f"w{number}", at_once=4)
        blows = 0
        until = time.monotonic() + 1500
        while not is_done(crew, hosts) and time.monotonic() < until:
            time.sleep(chance.uniform(1, 4))
            name = chance.choice(sorted(crew.workers))
            if blows < 100:
                blows += 1
                if blows % 2:
                    strike(crew, name)
                elif blows % 4 == 2:
                    crew.kill(name)
                else:
                    for process in children_of(crew.workers[name].pid)[:1]:
                        with suppress(psutil.NoSuchProcess):
                            process.kill()
                while len(crew.workers) < 4:
                    number += 1
                    crew.hire(f"w{number}", at_once=4)
            if blows % 5 == 0:
                crew.schedule()
        crew.dismiss()
        print(f"{blows} blows, {len(county.log)} requests, {number + 1} workers")
        check(crew, county, hosts, site)


def is_done(crew: Crew, hosts: dict[str, str]) -> bool:
    """Whether every portal was visited to its end."""
    left = crew.ask("SELECT 1 FROM frontier LIMIT 1")
    unfinished = crew.ask("SELECT 1 FROM run WHERE status <> 'finished' LIMIT 1")
    seen = {row["portal_key"] for row in crew.ask("SELECT portal_key FROM run_portal")}
    return not left and not unfinished and set(hosts) <= seen and crew.is_idle()


def until_idle(crew: Crew, hosts: dict[str, str], patience_s: float) -> None:
    """Until every portal was visited to its end; what is due is said again and again."""

    def done() -> bool:
        if is_done(crew, hosts):
            return True
        crew.schedule()
        return False

    wait_for(done, patience_s, every_s=LEASE_S)
