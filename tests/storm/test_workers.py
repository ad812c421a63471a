"""Workers that share one PostgreSQL archive: killed, cut off and misled, they lose nothing, double
nothing and harm no host. The county's own log tells.
"""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import make_url

from archive.store.engine import place_of
from tests.storm.county import county_of
from tests.storm.crew import ROW, check, crew, pages_of, portals, stock, until_idle
from tests.storm.portals import county_site, fair
from tests.support.engines import SERVER, drop
from tests.support.proxy import proxy_to
from tests.support.workers import LEASE_S, Crew, cluster, wait_for

pytestmark = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")

__all__ = ["crew"]


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
    for _ in range(20):  # cut off; a visit of it that begins just now takes its lease anew
        crew.ask("UPDATE worker_lease SET until_at = clock_timestamp() - interval '1 hour'")
        crew.run("move", str(tmp_path / "elsewhere"), status=None)
        if "is at work on this archive" not in crew.stderr:
            break
    worker = crew.workers.pop("one")
    _, err = worker.communicate(timeout=60)
    place = tmp_path / "elsewhere" / "archive.sqlite"
    told = f"gongkai: this ledger was moved to {place}: name that one"
    assert (worker.returncode, err.splitlines()[-1]) == (4, told)


@pytest.mark.parametrize("how", ["dropped", pytest.param("emptied", marks=pytest.mark.slow)])
def test_a_worker_whose_ledger_is_gone_ends_and_says_so(crew: Crew, how: str) -> None:
    crew.catalogue({"p000": "http://127.8.0.1/"}, ROW)
    begun = crew.hire("one").stdout
    assert begun is not None
    assert begun.readline().startswith("worker one: ")
    if how == "dropped":
        drop(crew.url)
    else:
        crew.ask("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    worker = crew.workers.pop("one")
    _, err = worker.communicate(timeout=60)
    told = {
        "dropped": f"the ledger can be reached no more: {place_of(crew.url)}: the server refuses the"
        f' connection (database "{make_url(crew.url).database}" does not exist); look at',
        "emptied": f"there is no ledger any more at {place_of(crew.url)}",
    }
    assert worker.returncode == 4, err
    assert err.splitlines()[-1].startswith(f"gongkai: {told[how]}"), err


@pytest.mark.slow
def test_what_a_worker_cannot_do_is_one_line(crew: Crew, tmp_path: Path) -> None:
    """A name that is taken, a portal that was removed, an archive that is newer than the code."""
    hosts, site = portals(2), county_site(range(2022, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        crew.schedule("p000")
        crew.catalogue({"p001": county.url(hosts["p001"], "/nb/index.html")}, ROW)
        crew.hire("one", at_once=1)
        wait_for(crew.is_idle)
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
@pytest.mark.parametrize(("ahead_s", "way"), [(86_400, "ahead of"), (-86_400, "behind")])
def test_a_worker_whose_clock_is_a_day_off_goes_by_the_databases(
    crew: Crew, ahead_s: int, way: str
) -> None:
    hosts, site = portals(1), county_site(range(2022, 2024))
    with county_of({host: fair(site) for host in hosts.values()}) as county:
        stock(crew, county, hosts)
        crew.schedule(*hosts)
        crew.clock_ahead_s = ahead_s
        crew.hire("off")
        wait_for(crew.is_idle)
        said = crew.dismiss()["off"]
        check(crew, county, pages_of(county, hosts, site))
        assert f"this machine's clock is 24 h 0 min {way} the database's: set it" in said
        last = crew.ask(
            "SELECT clock_timestamp() - max(captured_at) AS last, clock_timestamp() -"
            " min(captured_at) AS first, (SELECT clock_timestamp() - max(last_visit_at) FROM host)"
            " AS hosts FROM capture"
        )[0]
        assert min(last.values()) > -timedelta(minutes=1)
        assert max(last.values()) < timedelta(minutes=10)
        assert crew.ask("SELECT 1 FROM procrastinate_periodic_defers") == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
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
        wait_for(lambda: len(county.log) > 20)
        proxy.cut(silent=silent)
        time.sleep(LEASE_S * 3)
        proxy.mend()
        until_idle(crew, hosts)
        crew.dismiss()
        check(crew, county, pages_of(county, hosts, site))


@pytest.mark.slow
@pytest.mark.timeout(1800)
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
            wait_for(lambda seen=20 * number: len(county.log) > 10 + seen)
            restart()
        until_idle(crew, hosts)
        crew.dismiss()
        check(crew, county, pages_of(county, hosts, site))
