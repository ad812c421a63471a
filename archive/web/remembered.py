"""Answers that take long and are asked for often, kept until the ledger changes.

One that is made anew each time a crawl stores a page would be made all the time: at most a tenth of
the time goes into making one, and what is quickly made is never kept. Nothing is kept for longer
than a minute.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from archive.store.query.stamp import Stamp

_T = TypeVar("_T")
_QUICK_S: Final = 0.03
_SHARE: Final = 10
_LONGEST_S: Final = 60.0
_MOST: Final = 100


@dataclass(frozen=True, slots=True)
class _Kept:
    value: Any
    stamp: Stamp
    made_at: float
    took: float


class Remembered:
    """Values by question, the latest asked for last. clock: seconds that never go back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, question: Hashable, stamp: Stamp, make: Callable[[], _T]) -> _T:
        """The value of a question, from `make` where the kept one does not hold any more. While
        one thread makes it, others that ask the same wait for it.
        """
        with self._lock:
            making = self._making.setdefault(question, threading.Lock())
        with making:
            kept = self._kept.get(question)
            if kept is None or not self._holds(kept, stamp):
                began = self._clock()
                value = make()
                kept = _Kept(value, stamp, self._clock(), self._clock() - began)
        with self._lock:
            self._kept[question] = kept
            self._kept.move_to_end(question)
            while len(self._kept) > _MOST:
                gone, _ = self._kept.popitem(last=False)
                self._making.pop(gone, None)
        found: _T = kept.value
        return found

    def _holds(self, kept: _Kept, stamp: Stamp) -> bool:
        age = self._clock() - kept.made_at
        if kept.took < _QUICK_S or age > _LONGEST_S:
            return False
        return kept.stamp == stamp or age < _SHARE * kept.took
