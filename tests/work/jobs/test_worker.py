"""What a worker makes of jobs that cannot be begun: they wait in the queue, and it says why."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from archive.model.errors import CatalogueError
from archive.model.portal import Portal
from archive.work.jobs.worker import TRIES, Work, Worker

PORTAL = Portal(key="p", name="p", entries=("http://127.0.0.1/",))


def broken() -> Sequence[Portal]:
    raise CatalogueError("portals.toml: not valid TOML")


def visited(
    portals: Callable[[], Sequence[Portal]], command: Sequence[str], *, again: int = 0
) -> tuple[list[str], list[dict[str, object]]]:
    """What the worker says of one visit, and the visits that wait behind it."""
    said: list[str] = []
    work = Work(
        place="", name="w", at_once=1, lasts=timedelta(seconds=60), portals=portals,
        visit=lambda *_: command, upkeep=(), tidy=lambda _: (), say=said.append,
    )  # fmt: skip
    worker, connector = Worker(work), InMemoryConnector()
    worker._free = [0]  # as `run` sets it

    async def run() -> None:
        app = App(connector=connector)
        async with app.open_async():
            await worker._visit(app, "p", "g", due=False, again=again)

    asyncio.run(run())
    assert worker._free == [0]
    jobs = [each for each in connector.jobs.values() if each["task_name"] == "visit"]
    return said, [each["args"] for each in jobs]


@pytest.mark.parametrize(
    ("portals", "command", "told"),
    [
        (broken, ("true",), "p: portals.toml: not valid TOML"),
        (lambda: [PORTAL], ("/none/such",), "p: it cannot be begun: No such file or directory"),
        (lambda: [PORTAL], ("sh", "-c", "echo short of memory; exit 4"), "p: short of memory"),
    ],
    ids=["catalogue", "process", "visit"],
)
def test_a_visit_that_cannot_be_begun_waits_and_is_told(
    portals: Callable[[], Sequence[Portal]], command: Sequence[str], told: str
) -> None:
    said, waiting = visited(portals, command)
    assert said == [told]
    assert waiting == [{"portal": "p", "due": False, "again": 1}], "still as a person named it"
    assert visited(portals, command, again=TRIES)[1] == []


def test_a_visit_that_is_over_is_told_by_its_last_line_and_does_not_wait() -> None:
    assert visited(lambda: [PORTAL], ("sh", "-c", "echo a; echo good: b")) == (["p: good: b"], [])


def test_a_portal_that_was_removed_is_dropped_with_a_line() -> None:
    said, waiting = visited(list, ("true",))
    assert (said, waiting) == (
        ["p: no such portal in the catalogue any more; its job is dropped"], [],
    )  # fmt: skip
