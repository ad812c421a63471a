"""What a worker makes of jobs that cannot be begun: they wait in the queue, and it says why."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from archive.model.errors import CatalogueError
from archive.model.portal import Portal
from archive.work.jobs.parts import Part, QueueState, put_parts, queue_state
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
        visit=lambda *_: command, part=lambda _: command, upkeep=(), tidy=lambda _: (), say=said.append,
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


COMMAND = "reread --portal p --reader-below 3"


def part_done(script: str, *, again: int = 0) -> tuple[list[str], QueueState, list[object], int]:
    """What the worker says of one part, what the queue holds behind it, how often each part that
    waits was tried, and how many are new when the same is asked for again.
    """
    said: list[str] = []
    asked: list[Sequence[str]] = []

    def part(command: Sequence[str]) -> Sequence[str]:
        asked.append(command)
        return ("sh", "-c", script)

    work = Work(
        place="", name="w", at_once=1, lasts=timedelta(seconds=60), portals=broken,
        visit=lambda *_: (), part=part, upkeep=(), tidy=lambda _: (), say=said.append,
    )  # fmt: skip
    connector = InMemoryConnector()

    async def run() -> tuple[QueueState, int]:
        app = App(connector=connector)
        async with app.open_async():
            await Worker(work)._part(app, COMMAND, "lock", again)
            return await queue_state(app), await put_parts(app, [Part(command=COMMAND, lock="l")])

    state, new = asyncio.run(run())
    assert asked == [["reread", "--portal", "p", "--reader-below", "3"]]
    jobs = [each["args"] for each in connector.jobs.values() if each["task_name"] == "part"]
    return said, state, [each["again"] for each in jobs], new


@pytest.mark.parametrize(
    ("script", "again", "tried"),
    [
        ("echo worker two has what this one needs; exit 75", 2, 2),
        ("echo interrupted; exit 3", 2, 2),
        ("echo the disk is full; exit 4", 2, 3),
        ("echo no such file; exit 2", 0, 1),
        ("kill -9 $$", 0, 1),
    ],
    ids=["busy", "interrupted", "cannot", "not here", "killed"],
)
def test_a_part_that_could_not_be_done_waits(script: str, again: int, tried: int) -> None:
    said, state, waiting, new = part_done(script, again=again)
    told = script.removeprefix("echo ").split(";")[0] if "echo" in script else "ended with -9"
    assert said == [f"{COMMAND}: {told}"]
    assert state == QueueState(waiting={"reread": 1, "upkeep": 1}, under_way={}, given_up={})
    assert (waiting, new) == ([tried], 0)


@pytest.mark.parametrize(("status", "again"), [(1, 0), (4, TRIES)], ids=["lost", "cannot"])
def test_a_part_that_cannot_be_done_is_shown_until_it_is_asked_for_again(
    status: int, again: int
) -> None:
    said, state, waiting, new = part_done(
        f"echo lost: a page; echo 1 lost; exit {status}", again=again
    )
    assert said == [*(["lost: a page"] if status == 1 else []), f"{COMMAND}: 1 lost"]
    assert state == QueueState(waiting={"upkeep": 1}, under_way={}, given_up={COMMAND: "1 lost"})
    assert (waiting, new) == ([0], 1), "and has another try"


def test_a_part_that_is_done_is_told_by_its_last_line() -> None:
    said, state, _, _ = part_done("echo a; echo 3 versions read again")
    assert said == [f"{COMMAND}: 3 versions read again"]
    assert (state.waiting, state.given_up) == ({"upkeep": 1}, {})
