"""Child processes that work through a queue: what ends one costs no other task."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import CancelledError, wait
from pathlib import Path

import pytest

from archive.work.ingest import process_pool
from archive.work.ingest import reader_pool as readers
from archive.work.ingest.process_pool import ChildDiedError, Children, _how_it_ended
from archive.work.ingest.reader_pool import ReadingTask

SPAWN_PATIENCE_S = 30


@pytest.fixture(autouse=True)
def children_are_spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    """As they are where no test forks them."""
    monkeypatch.setattr(process_pool, "_SPAWNING", multiprocessing.get_context("spawn"))


def begin() -> None:
    """Nothing to load."""


def work(task: tuple[str, object]) -> object:  # noqa: C901 - a verb a line
    """In the child: does what the task names."""
    verb, what = task
    match verb:
        case "echo":
            return what
        case "pid":
            return os.getpid()
        case "sleep":
            time.sleep(float(str(what)))
        case "spin":
            while True:
                pass
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "abort":
            os.abort()
        case "leave":
            os._exit(0)
        case "fail":
            raise ValueError(what)
        case "fail oddly":
            raise StrangeError("a", "b")
        case "answer oddly":
            return lambda: what
    return None


class StrangeError(Exception):
    """Cannot be unpickled: it is rebuilt from fewer arguments than it takes."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one)


def a_few(processes: int = 1, *, timeout_s: float = SPAWN_PATIENCE_S, tasks_each: int = 1_000):
    return Children(
        work, begin=begin, processes=processes, timeout_s=timeout_s, tasks_each=tasks_each
    )


@pytest.fixture
def children() -> Iterator[Children]:
    made = a_few()
    yield made
    made.close()


def answer(children: Children, verb: str, what: object = None) -> object:
    return children.submit((verb, what)).result(SPAWN_PATIENCE_S)


def test_every_task_has_its_own_answer():
    children = a_few(2)
    futures = [children.submit(("echo", number)) for number in range(200)]
    assert [future.result(SPAWN_PATIENCE_S) for future in futures] == list(range(200))
    children.close()


def test_an_answer_larger_than_a_pipe_holds_comes_whole(children):
    assert answer(children, "echo", "年" * 1_000_000) == "年" * 1_000_000


def test_an_error_comes_back_as_itself(children):
    with pytest.raises(ValueError, match=r"^no$"):
        answer(children, "fail", "no")


@pytest.mark.parametrize("verb", ["fail oddly", "answer oddly"])
def test_what_cannot_be_pickled_is_an_error_and_the_child_goes_on(children, verb):
    before = answer(children, "pid")
    with pytest.raises(Exception, match=r"Strange|pickle"):
        answer(children, verb)
    assert answer(children, "pid") == before


@pytest.mark.parametrize(
    ("verb", "how"),
    [
        ("die", "killed by SIGKILL"),
        ("abort", "killed by SIGABRT"),
        ("leave", "ended with exit status 0"),
    ],
)
def test_a_task_that_ends_its_child_twice_fails_and_the_next_one_is_done(children, verb, how):
    with pytest.raises(ChildDiedError, match=how):
        answer(children, verb)
    assert answer(children, "echo", 1) == 1


def cannot_begin() -> None:
    raise ImportError("no reader here")


def test_a_child_that_cannot_begin_says_why():
    children = Children(work, begin=cannot_begin, processes=1, timeout_s=30, tasks_each=9)
    with pytest.raises(ChildDiedError, match="could not begin: ImportError: no reader here"):
        answer(children, "echo", 1)
    children.close()


def test_short_memory_is_named_only_where_the_kernel_says_so(monkeypatch):
    assert _how_it_ended(-9, short=False) == "killed by SIGKILL"
    assert "out of memory" in _how_it_ended(-9, short=True)
    assert _how_it_ended(-11, short=True) == "killed by SIGSEGV"
    assert _how_it_ended(-200, short=False) == "killed by signal 200"


def test_a_page_that_needs_too_much_memory_is_refused_with_the_limit(monkeypatch):
    def refused(*_):
        raise MemoryError

    monkeypatch.setattr(readers, "_read", refused)
    task = ReadingTask(spot=None, url="http://a.example/", role=None, family=None)
    assert "more memory than the 3 GiB" in readers.read_capture(Path(), task).refused


def test_idle_children_that_are_killed_cost_nothing():
    """A kernel short of memory does this. A pool with one pipe for all breaks over it."""
    children = a_few(2)
    for _ in range(3):
        for pid in {answer(children, "pid") for _ in range(20)}:
            os.kill(pid, signal.SIGKILL)
        assert answer(children, "echo", 1) == 1
    children.close()


@pytest.mark.parametrize("verb", ["sleep", "spin"])
def test_a_task_that_takes_too_long_is_ended(verb: str) -> None:
    children = a_few(timeout_s=0.5)
    with pytest.raises(TimeoutError):
        answer(children, verb, 600)
    children.close()


def test_a_child_that_waits_for_its_turn_is_left_to_work() -> None:
    """On a busy machine: a page was called unreadable, and sound files damaged."""
    children = a_few(timeout_s=1)
    pid = answer(children, "pid")
    assert isinstance(pid, int)
    os.kill(pid, signal.SIGSTOP)
    future = children.submit(("pid", None))
    time.sleep(1.5)
    os.kill(pid, signal.SIGCONT)
    assert future.result() == pid
    children.close()


def test_a_child_is_replaced_after_its_tasks():
    children = a_few(tasks_each=3)
    pids = [answer(children, "pid") for _ in range(6)]
    children.close()
    assert pids[0] == pids[2] != pids[3] == pids[5]


def test_children_start_only_when_a_task_finds_no_idle_one():
    children = a_few(3)
    assert not running()
    first = {answer(children, "pid") for _ in range(20)}
    assert len(first) == 1
    slow = [children.submit(("sleep", 0.5)) for _ in range(9)]
    wait(slow, SPAWN_PATIENCE_S)
    assert len(running()) == 3
    children.close()


def running() -> list[int]:
    return [each.pid for each in multiprocessing.active_children()]


def test_closing_ends_what_is_under_way_and_cancels_what_waits(children):
    under_way = children.submit(("sleep", 60))
    waiting = children.submit(("echo", 1))
    while not under_way.running():
        time.sleep(0.01)
    children.close()
    with pytest.raises(ChildDiedError):
        under_way.result(0)
    with pytest.raises(CancelledError):
        waiting.result(0)


def test_no_child_is_left_after_closing():
    children = a_few(2)
    pids = {answer(children, "pid") for _ in range(20)}
    children.close()
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
