"""Child processes that work through a queue, each with a pipe and a thread of its own.

Nothing is shared between children, no lock and no pipe: whatever ends one, at whatever moment,
costs the task that it was at and no other. Children are spawned, not forked (threads), when a task
finds no idle one, replaced after a number of tasks, and end with their parent.
"""

import contextlib
import ctypes
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from multiprocessing.connection import Connection
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

import psutil

_PR_SET_PDEATHSIG: Final = 1
_LAST_BREATH_S: Final = 1.0
PATIENCE: Final = 5
_SPAWNING: Final = multiprocessing.get_context("spawn")
_Job = tuple[Any, "Future[Any]"]


class ChildDiedError(RuntimeError):
    """The child ended over a task, and so did a fresh one; says what is known of its end."""


class Children:
    """Runs `work(task)` in other processes. Task, answer and error travel pickled.

    begin: called once in each child before its first task. processes: at most so many at once.
    timeout_s: of the processor for one task; of the clock PATIENCE times as much, because on a busy
    machine a child waits for its turn. tasks_each: after so many a child is replaced.
    """

    def __init__(
        self,
        work: Callable[[Any], Any],
        *,
        begin: Callable[[], None],
        processes: int,
        timeout_s: float,
        tasks_each: int,
    ) -> None:
        self._work = work
        self._begin = begin
        self._timeout_s = timeout_s
        self._tasks_each = tasks_each
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._children: dict[int, _Child] = {}
        self._closing = False
        self._processes = processes
        self._threads: list[threading.Thread] = []
        self._idle = threading.Semaphore(0)  # threads that wait for a task
        self._starting = threading.Lock()

    def submit(self, task: object) -> "Future[Any]":
        """The answer to the task; its future raises what `work` raised, TimeoutError when it took
        too long, ChildDiedError when it took two children with it.
        """
        future: Future[Any] = Future()
        self._jobs.put((task, future))
        if not self._idle.acquire(blocking=False):
            self._start_another()
        return future

    def close(self) -> None:
        """Ends the children at once; tasks without an answer are cancelled or fail."""
        with self._starting:
            self._closing = True
        for _ in self._threads:
            self._jobs.put(None)
        for child in list(self._children.values()):
            child.kill()
        for thread in self._threads:
            thread.join()

    def _start_another(self) -> None:
        """Most recrawls read nothing, and a child takes half a second to start."""
        with self._starting:
            place = len(self._threads)
            if place < self._processes and not self._closing:
                name = f"child-{place}"
                thread = threading.Thread(target=self._serve, args=(place,), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, place: int) -> None:
        while (job := self._next_job()) is not None:
            task, future = job
            if self._closing or not future.set_running_or_notify_cancel():
                future.cancel()
                continue
            try:
                succeeded, answer = self._ask(place, task)
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                succeeded, answer = False, error
            if succeeded:
                future.set_result(answer)
            else:
                future.set_exception(answer)
        self._end_child(place)

    def _next_job(self) -> _Job | None:
        try:
            return self._jobs.get_nowait()
        except Empty:
            self._idle.release()
            return self._jobs.get()

    def _ask(self, place: int, task: object) -> tuple[bool, Any]:
        """What the child of this place makes of the task. One that died is replaced and the task
        tried once more: the child may have been ended from outside, or while it was idle.
        """
        try:
            return self._ask_once(place, task)
        except ChildDiedError:
            if self._closing:
                raise
            return self._ask_once(place, task)

    def _ask_once(self, place: int, task: object) -> tuple[bool, Any]:
        try:
            child = self._child(place)
            succeeded, answer = child.ask(task, self._timeout_s)
        except TimeoutError:
            self._end_child(place)
            raise
        except (EOFError, OSError) as error:
            raise ChildDiedError(self._end_child(place) or str(error)) from error
        if child.tasks_taken >= self._tasks_each:
            self._end_child(place)
        return succeeded, answer

    def _child(self, place: int) -> "_Child":
        child = self._children.get(place)
        if child is None:
            child = self._children[place] = _Child(self._work, self._begin)
            if self._closing:  # close() may have looked before this one was there
                child.kill()
        return child

    def _end_child(self, place: int) -> str:
        """How the child of this place had ended by itself; "" when it was we who ended it."""
        child = self._children.pop(place, None)
        return child.end() if child is not None else ""


class _Child:
    """One process and its pipe."""

    def __init__(self, work: Callable[[Any], Any], begin: Callable[[], None]) -> None:
        self.tasks_taken = 0
        self._watched: psutil.Process | None = None
        self._oom_kills = _oom_kills()
        self._pipe, theirs = _SPAWNING.Pipe()
        self._process = _SPAWNING.Process(
            target=_live, args=(theirs, os.getpid(), work, begin), daemon=True
        )
        self._process.start()
        theirs.close()

    def ask(self, task: object, timeout_s: float) -> tuple[bool, Any]:
        """True and the answer, or False and what `work` raised. TimeoutError: it took too long;
        EOFError, another OSError: the child is dead.
        """
        self.tasks_taken += 1
        began, spent = time.monotonic(), self._spent_s()
        self._pipe.send_bytes(pickle.dumps(task))
        while not self._pipe.poll(timeout_s):
            if time.monotonic() - began >= PATIENCE * timeout_s:
                raise TimeoutError
            if self._spent_s() - spent >= timeout_s:
                raise TimeoutError
        succeeded, answer = pickle.loads(self._pipe.recv_bytes())  # noqa: S301 - our own child
        return succeeded, answer

    def _spent_s(self) -> float:
        """Seconds of the processor that the process has used; 0 when it is gone."""
        try:
            self._watched = self._watched or psutil.Process(self._process.pid)
            times = self._watched.cpu_times()
        except psutil.Error:
            return 0.0
        return times.user + times.system

    def kill(self) -> None:
        """Ends the process, at once and without a word from it. May be called by any thread."""
        self._process.kill()

    def end(self) -> str:
        """Ends the process and lets go of what it held. Says how it had ended before; "" when it
        was alive.
        """
        self._process.join(_LAST_BREATH_S if self._closed_by_child() else 0)
        code = self._process.exitcode
        self._process.kill()
        self._process.join()
        self._pipe.close()
        return "" if code is None else _how_it_ended(code, short=_oom_kills() > self._oom_kills)

    def _closed_by_child(self) -> bool:
        """Whether the other end of the pipe is gone: then the process is ending, if it has not."""
        try:
            return self._pipe.poll(0) and not self._pipe.recv_bytes()
        except (EOFError, OSError):
            return True


def _how_it_ended(code: int, *, short: bool) -> str:
    """What is known of a process that ended by itself. short: the kernel ended some process since
    it began, because memory was short.
    """
    if code >= 0:
        return f"it ended with exit status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    if -code == signal.SIGKILL and short:
        return f"killed by {name} while the kernel was out of memory"
    return f"killed by {name}"


def _oom_kills() -> int:
    """How many processes this system's kernel has ended for want of memory; 0 where it does not
    say.
    """
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except (OSError, UnicodeError):
        return 0
    return next((int(each.split()[1]) for each in lines if each.startswith("oom_kill ")), 0)


def _live(
    pipe: Connection, parent_pid: int, work: Callable[[Any], Any], begin: Callable[[], None]
) -> None:
    """In the child: one task after the other until the pipe or the parent ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)  # the parent died before the tie was made
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's
    failed = _failure_of(begin)
    with contextlib.suppress(EOFError, OSError):
        while True:
            task = pickle.loads(pipe.recv_bytes())  # noqa: S301 - from our own parent
            pipe.send_bytes(failed or _outcome(work, task))


def _failure_of(begin: Callable[[], None]) -> bytes | None:
    """Why the child cannot do anything, as its answer to every task; None when it can."""
    try:
        begin()
    except Exception as error:  # noqa: BLE001 - sent to the parent
        return _pickled_error(
            ChildDiedError(f"it could not begin: {type(error).__name__}: {error}")
        )
    return None


def _outcome(work: Callable[[Any], Any], task: object) -> bytes:
    try:
        return pickle.dumps((True, work(task)))
    except Exception as error:  # noqa: BLE001 - sent to the parent
        return _pickled_error(error)


def _pickled_error(error: Exception) -> bytes:
    """The error, pickled; its words where it cannot travel."""
    try:
        answer = pickle.dumps((False, error))
        pickle.loads(answer)  # noqa: S301 - made on the line above
    except Exception:  # noqa: BLE001 - an error may be unpicklable in any way
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}"[:500])))
    return answer
