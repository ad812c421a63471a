"""Answers that are kept: until the ledger changes, and never for long."""

import threading
from pathlib import Path

from archive.search.index import open_indexed
from archive.store.query.stamp import stamp
from archive.web.remembered import _MOST, Remembered
from tests.support.invented import fill


class Watch:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def asked(memory: Remembered, watch: Watch, stamp: tuple[object, ...], takes: float) -> float:
    """When the answer was made."""

    def make() -> float:
        watch.at += takes
        return watch.at

    return memory.get("question", stamp, make)


def test_a_slow_answer_is_kept_while_the_ledger_stays() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 30
    assert asked(memory, watch, (1,), 1.0) == first
    watch.at += 60
    assert asked(memory, watch, (1,), 1.0) > first


def test_a_change_is_seen_but_takes_a_tenth_of_the_time_at_most() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 5
    assert asked(memory, watch, (2,), 1.0) == first
    watch.at += 6
    assert asked(memory, watch, (2,), 1.0) > first


def test_a_quick_answer_is_always_made_anew() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 0.001)
    assert asked(memory, watch, (1,), 0.001) > first


def test_only_the_latest_questions_are_kept() -> None:
    memory = Remembered()
    for question in range(_MOST + 50):
        memory.get(question, (1,), lambda: 0)
    assert len(memory._kept) == len(memory._making) == _MOST


def test_many_who_ask_at_once_have_it_made_once() -> None:
    memory, made = Remembered(), []
    ready = threading.Barrier(4)

    def make() -> int:
        made.append(1)
        threading.Event().wait(0.1)
        return len(made)

    def ask() -> None:
        ready.wait()
        memory.get("question", (1,), make)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [1]


def test_what_fails_is_not_kept() -> None:
    memory = Remembered()
    for _ in range(2):
        try:
            memory.get("question", (1,), lambda: 1 // 0)
        except ZeroDivisionError:
            continue
    assert memory.get("question", (1,), lambda: 7) == 7


def test_the_stamp_of_a_ledger_changes_with_a_crawl(tmp_path: Path) -> None:
    with open_indexed(tmp_path) as store, store.read() as connection:
        before = stamp(connection)
    fill(tmp_path).close()
    with open_indexed(tmp_path) as store:
        with store.read() as connection:
            after = stamp(connection)
        with store.read() as connection:
            assert stamp(connection) == after
    assert before != after
