"""Runs `gongkai` with a clock on each of its threads and child processes: which stage costs what.

python -m bench.stages FILE gongkai-arguments…

FILE takes a JSON object: processor seconds of "fetch" (Scrapy's thread), "keep and record" (the
writing thread), "hand over" (threads that wait for reading processes), "read" (those processes),
"end" (what Scrapy's thread does behind the last page: compares years, brings tables up to date,
seals) and "other" (what the interpreter did beside).
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Final

from bench.measure import cpu_seconds_of, descendants
from crawler.cli import main
from crawler.session import CrawlSession

SAMPLE_EVERY_S: Final = 0.05
FETCH: Final = "fetch"
STAGES: Final = {"MainThread": FETCH, "ledger": "keep and record", "child": "hand over"}
READ: Final = "read"
END: Final = "end"
OTHER: Final = "other"


class Clock(threading.Thread):
    """Looks at threads and children now and then; the last figure before an end counts."""

    def __init__(self) -> None:
        super().__init__(name="clock", daemon=True)
        self._threads: dict[int, tuple[str, float]] = {}
        self._children: dict[int, float] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """Samples until `stop`."""
        while not self._ended.wait(SAMPLE_EVERY_S):
            self._look()

    def stop(self) -> dict[str, float]:
        """Seconds by stage."""
        self._look()
        self._ended.set()
        spent = dict.fromkeys((*STAGES.values(), READ, OTHER), 0.0)
        for name, seconds in self._threads.values():
            stage = STAGES.get(name.partition("-")[0], OTHER)
            spent[stage] += seconds if name != self.name else 0.0
        spent[READ] = sum(self._children.values())
        return spent

    def _look(self) -> None:
        for thread in threading.enumerate():
            if thread.native_id is not None:
                self._threads[thread.native_id] = (thread.name, _thread_s(thread.native_id))
        for pid in descendants(os.getpid()):
            self._children[pid] = max(self._children.get(pid, 0.0), cpu_seconds_of(pid))


def _thread_s(number: int) -> float:
    try:
        words = Path(f"/proc/self/task/{number}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, words[11:13])) / os.sysconf("SC_CLK_TCK")


def _timed(method: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The method, which adds the processor seconds of its thread to `spent`."""

    @wraps(method)
    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.thread_time()
        try:
            return method(*args, **kwargs)
        finally:
            spent.append(time.thread_time() - began)

    return timed


def run(file: Path, arguments: list[str]) -> int:
    """The command's exit status; FILE has the seconds by stage then."""
    end: list[float] = []
    for name in ("finish", "seal"):
        setattr(CrawlSession, name, _timed(getattr(CrawlSession, name), end))
    clock = Clock()
    clock.start()
    started = time.process_time()
    try:
        return main(arguments)
    finally:
        spent = clock.stop()
        spent[END] = sum(end)
        spent[FETCH] -= spent[END]
        own = time.process_time() - started
        file.write_text(json.dumps(spent | {"process": own}))


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2:]))
