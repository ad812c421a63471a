"""Answers that take long and are asked for often, kept until the ledger changes.

What is quickly made is never kept. What is not is made on a thread of its own, one at a time, so
that nobody waits long: while it is made anew the former answer is given, for some minutes; who
asks first waits a little, and is then asked to come again. Who has less patience than that is given
the former answer behind it, however quickly that was made. One that is made anew each time a crawl
stores a page would be made all the time: at most a tenth of the time goes into making one.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from archive.store.query.stamp import Stamp
from archive.store.time_limit import allowing, too_slow

_T = TypeVar("_T")
_QUICK_S: Final = 0.03
_SHARE: Final = 10
_HOLDS_S: Final = 60.0
_STALE_S: Final = 600.0
_WAIT_S: Final = 1.8
_ALLOWED_S: Final = 60.0
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    stamp: Stamp
    made_at: float
    took: float


class Remembered:
    """Values by question, the latest asked for last. clock: seconds that never go back. wait_s: how
    long to wait for one that nobody asked for before.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, *, wait_s: float = _WAIT_S
    ) -> None:
        self._clock = clock
        self._wait_s = wait_s
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._making: dict[Hashable, Future[_Kept]] = {}
        self._lock = threading.Lock()
        self._one = threading.Semaphore()

    def get(
        self, question: Hashable, stamp: Stamp, make: Callable[[], _T], wait_s: float | None = None
    ) -> _T:
        """The value of a question, from `make` where the kept one does not hold any more. wait_s:
        how long to wait for it; None: as usual. TooSlowError: it is being made, and none that is
        kept can be given meanwhile.
        """
        with self._lock:
            kept = self._kept.get(question)
            if kept is not None and self._holds(kept, stamp):
                self._kept.move_to_end(question)
                known: _T = kept.value
                return known
            making = self._making.get(question) or self._start(question, stamp, make)
        may_be_stale = kept is not None and kept.took >= _QUICK_S
        if kept is not None and may_be_stale and self._age(kept) < _STALE_S:
            stale: _T = kept.value
            return stale
        try:
            found: _T = making.result(self._wait_s if wait_s is None else wait_s).value
        except NotYetError:
            if kept is None or wait_s is None or self._age(kept) >= _STALE_S:
                raise too_slow() from None
            found = kept.value
        return found

    def _start(
        self, question: Hashable, stamp: Stamp, make: Callable[[], object]
    ) -> "Future[_Kept]":
        made = self._making[question] = Future[_Kept]()
        arguments = (made, question, stamp, make)
        threading.Thread(target=self._make, args=arguments, daemon=True).start()
        return made

    def _turn(self, question: Hashable) -> AbstractContextManager[object]:
        """What was quickly made the last time waits for nothing that is slow."""
        with self._lock:
            kept = self._kept.get(question)
        return nullcontext() if kept is not None and kept.took < _QUICK_S else self._one

    def _make(
        self, made: "Future[_Kept]", question: Hashable, stamp: Stamp, make: Callable[[], object]
    ) -> None:
        try:
            with self._turn(question), allowing(_ALLOWED_S):
                began = self._clock()
                value = make()
                kept = _Kept(value, stamp, self._clock(), self._clock() - began)
        except BaseException as problem:  # noqa: BLE001  # whoever waits is told
            with self._lock:
                self._making.pop(question, None)
            made.set_exception(problem)
            return
        with self._lock:
            self._kept[question] = kept
            self._kept.move_to_end(question)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
            self._making.pop(question, None)
        made.set_result(kept)

    def _age(self, kept: _Kept) -> float:
        return self._clock() - kept.made_at

    def _holds(self, kept: _Kept, stamp: Stamp) -> bool:
        age = self._age(kept)
        if kept.took < _QUICK_S or age > _HOLDS_S:
            return False
        return kept.stamp == stamp or age < _SHARE * kept.took
