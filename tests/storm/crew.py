"""A crew of workers over a county of portals: how they are struck, and what must be true behind it."""

import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.storm.county import County
from tests.support.command import ROOT
from tests.support.engines import ledger_on
from tests.support.forked import run_forked
from tests.support.workers import LEASE_S, Crew, wait_for

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


def pages_of(county: County, hosts: dict[str, str], site: Iterable[str]) -> set[str]:
    """The URLs of a site's pages on every host."""
    return {county.url(host, path) for host in hosts.values() for path in site}


def check(crew: Crew, county: County, wanted: set[str]) -> None:
    """0 lost of the wanted pages, 0 doubled, nobody harmed."""
    county.check_politeness(delay_s=DELAY_S)
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


def is_done(crew: Crew, hosts: dict[str, str]) -> bool:
    """Whether every portal was visited to its end."""
    left = crew.ask("SELECT 1 FROM frontier LIMIT 1")
    unfinished = crew.ask("SELECT 1 FROM run WHERE status <> 'finished' LIMIT 1")
    seen = {row["portal_key"] for row in crew.ask("SELECT portal_key FROM run_portal")}
    return not left and not unfinished and set(hosts) <= seen and crew.is_idle()


def until_idle(crew: Crew, hosts: dict[str, str]) -> None:
    """Until every portal was visited to its end; what is due is said again and again."""

    def done() -> bool:
        if is_done(crew, hosts):
            return True
        crew.schedule()
        return False

    wait_for(done, every_s=LEASE_S)


def keep_up(crew: Crew) -> None:
    """What a worker does behind visits, five minutes later."""
    command = ["archive.cli.upkeep", "--home", str(crew.home), "--seal"]
    done = run_forked(command, cwd=ROOT, env=crew.environment(), timeout_s=100)
    assert (done.returncode, done.stderr) == (0, ""), f"{done.stdout}{done.stderr}"
