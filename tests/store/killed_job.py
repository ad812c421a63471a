"""A crawl job in miniature whose process dies at a chosen statement; run by test_kills.

Usage: python -m tests.store.killed_job FOLDER MODE NUMBERS
  each STEP         for every STEP-th statement: a fresh home, killed there, then finished
  random KILLS SEED one home, killed at that many random statements, then finished
Prints one JSON object a home: what the ledger holds at the end.
"""

import json
import os
import random
import shutil
import signal
import sys
from pathlib import Path

from sqlalchemy import Engine, event, func, select

from archive.model.outcome import Outcome, Role
from archive.model.reading import Kind
from archive.store import Store
from archive.store.frontier import leasing, runs
from archive.store.query import history
from archive.store.schema import capture, frontier, outcome, run, version
from archive.store.write import outcomes
from tests.store.making import (
    ENTRY,
    NOW,
    a_portal,
    a_reading,
    a_record,
    keep,
    link_to,
    take,
)
from tests.support.transactions import commit, fetch

SIZE = 5
SITE = [ENTRY, *(f"{ENTRY}{number}.html" for number in range(SIZE))]


def links_of(url: str):
    """The entry names all pages but the last; every page names the next one and the entry."""
    number = SITE.index(url)
    if number == 0:
        return tuple(link_to(each) for each in SITE[1:-1])
    return (link_to(SITE[(number + 1) % len(SITE)]), link_to(ENTRY, role=Role.LIST))


def ending(lease, kept):
    reading = a_reading(lease.url, (lease.url,), kind=Kind.ARTICLE)
    return a_record(lease, kept, Outcome.NEW, reading=reading, links=links_of(lease.url))


def work(home: Path) -> None:
    """The whole job, as the crawl does it: read what was kept, then lease, keep and record."""
    with Store.open(home) as store:
        ticket = commit(store, runs.begin_run,
            job="job", portals=[a_portal()], options={}, mode="due", now=NOW, pid=os.getpid(),
            is_alive=lambda _pid: False,
        )  # fmt: skip
        left = fetch(store, leasing.kept, ticket.run_id)
        commit(
            store,
            outcomes.record,
            [ending(each, each.pending_capture) for each in left],
            next_due={},
        )
        while leases := take(store, ticket.run_id, limit=2):
            stored = keep(store, leases)
            pairs = zip(leases, stored, strict=True)
            commit(store, outcomes.record, [ending(*pair) for pair in pairs], next_due={})
        commit(
            store,
            runs.finish_run,
            ticket.run_id,
            status="finished",
            verdict="good",
            reason="",
            counts={},
            now=NOW,
        )


def die_at(statement: int) -> None:
    """From now on this process kills itself instead of running its n-th statement; the commits
    count as statements, so it also dies right before and right after them.
    """
    seen = 0

    def count(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    event.listen(Engine, "commit", count)


def survives(home: Path, statement: int) -> bool:
    """Runs the job in a child that dies at a statement; True when it ended before that."""
    child = os.fork()
    if child == 0:
        if statement:
            die_at(statement)
        work(home)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.WEXITSTATUS(status):
        raise RuntimeError(f"the job failed in {home}")
    return True


def state(home: Path) -> dict[str, object]:
    with Store.open(home) as store, store.read() as connection:
        return {
            "runs": [row[0] for row in connection.execute(select(run.c.status))],
            "left": connection.scalar(select(func.count()).select_from(frontier)),
            "outcomes": connection.scalar(select(func.count()).select_from(outcome)),
            "captures": connection.scalar(select(func.count()).select_from(capture)),
            "versions": connection.scalar(select(func.count()).select_from(version)),
            "addresses": sorted(row.url for row in fetch(store, history.committed_captures)),
        }


def each_statement(folder: Path, step: int) -> None:
    statement = 1 - step
    ended = False
    template = folder / "template"
    Store.open(template).close()
    while not ended:
        statement += step
        home = folder / f"at-{statement}"
        shutil.copytree(template, home)
        ended = survives(home, statement)
        if not ended and not survives(home, 0):
            raise RuntimeError("the second attempt was killed")
        print(json.dumps({"killed_at": statement} | state(home)), flush=True)


def random_statements(home: Path, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    killed = 0
    for _ in range(kills):
        if survives(home, chance.randint(1, 60)):
            break
        killed += 1
    survives(home, 0)
    print(json.dumps({"kills": killed} | state(home)), flush=True)


if __name__ == "__main__":
    place, mode, *numbers = sys.argv[1:]
    import alembic.command
    import alembic.config  # noqa: F401 - the children find it imported

    if mode == "each":
        each_statement(Path(place), *map(int, numbers))
    else:
        random_statements(Path(place) / "home", *map(int, numbers))
