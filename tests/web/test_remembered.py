"""Answers that are kept: until the ledger changes, and never for long."""

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from archive.model.errors import TooSlowError
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.query.stamp import stamp
from archive.web.remembered import _MOST, Remembered
from tests.store.making import NOW, begin, finish
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

    found = memory.get("question", stamp, make)
    settled(memory)
    return found


def settled(memory: Remembered) -> None:
    while memory._making:
        time.sleep(0.001)


def test_a_slow_answer_is_kept_while_the_ledger_stays() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 30
    assert asked(memory, watch, (1,), 1.0) == first


def test_the_former_answer_is_given_while_a_new_one_is_made() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 90
    assert asked(memory, watch, (1,), 1.0) == first
    assert asked(memory, watch, (1,), 1.0) > first


def test_an_answer_of_long_ago_is_not_given() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 3_600
    assert asked(memory, watch, (1,), 1.0) > first


def test_a_change_is_seen_but_takes_a_tenth_of_the_time_at_most() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 1.0)
    watch.at += 5
    asked(memory, watch, (2,), 1.0)
    assert asked(memory, watch, (2,), 1.0) == first
    watch.at += 6
    asked(memory, watch, (2,), 1.0)
    assert asked(memory, watch, (2,), 1.0) > first


def test_a_quick_answer_is_always_made_anew() -> None:
    watch = Watch()
    memory = Remembered(watch)
    first = asked(memory, watch, (1,), 0.001)
    assert asked(memory, watch, (1,), 0.001) > first


def test_who_asks_first_does_not_wait_for_long_and_finds_it_later() -> None:
    memory = Remembered(wait_s=0.05)
    may_end = threading.Event()

    def make() -> int:
        may_end.wait(10)
        return 7

    with pytest.raises(TooSlowError):
        memory.get("question", (1,), make)
    may_end.set()
    settled(memory)
    assert memory.get("question", (1,), lambda: 8) == 7


def test_who_has_no_patience_is_given_what_was_quickly_made_before() -> None:
    memory, may_end = Remembered(wait_s=0.05), threading.Event()
    assert memory.get("question", (1,), lambda: 7) == 7

    def make() -> int:
        may_end.wait(10)
        return 8

    assert memory.get("question", (2,), make, 0.05) == 7
    with pytest.raises(TooSlowError):
        memory.get("question", (2,), make)
    may_end.set()
    settled(memory)
    assert memory.get("question", (2,), lambda: 9, 5) == 8


def test_what_is_quickly_made_waits_for_nothing_slow() -> None:
    memory, may_end = Remembered(wait_s=5), threading.Event()
    assert memory.get("quick", (1,), lambda: 7) == 7
    with pytest.raises(TooSlowError):
        memory.get("slow", (1,), lambda: may_end.wait(10), 0.01)
    try:
        assert memory.get("quick", (2,), lambda: 8) == 8
        with pytest.raises(TooSlowError):
            memory.get("new", (1,), lambda: 9, 0.05)
    finally:
        may_end.set()
    settled(memory)


def test_making_is_not_under_the_limit_of_a_question(tmp_path: Path) -> None:
    fill(tmp_path).close()
    with Store.open(tmp_path, read_only=True, within_s=0.2) as store:

        def slow() -> int:
            with store.read() as connection:
                stamp(connection)
                time.sleep(0.4)
                return len(stamp(connection))

        assert Remembered().get("question", (1,), slow) == 6
        with pytest.raises(TooSlowError):
            slow()


def test_only_the_latest_questions_are_kept() -> None:
    memory = Remembered()
    for question in range(_MOST + 50):
        memory.get(question, (1,), lambda: 0)
    assert len(memory._kept) == _MOST
    assert not memory._making


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


def test_the_stamp_changes_when_a_run_begins_or_ends_after_one_of_a_wrong_clock(
    tmp_path: Path,
) -> None:
    with open_indexed(tmp_path) as store:

        def now() -> tuple[object, ...]:
            with store.read() as connection:
                return stamp(connection)

        ahead = NOW + timedelta(days=400)
        finish(store, begin(store, now=ahead).run_id, now=ahead)
        seen = [now()]
        run_id = begin(store, now=NOW).run_id
        seen.append(now())
        finish(store, run_id, status="interrupted")
        seen.append(now())
        finish(store, run_id)
        seen.append(now())
    assert len(set(seen)) == 4
