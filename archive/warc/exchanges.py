"""Requests and answers of a foreign file brought together: its records name each other
(WARC-Concurrent-To), and writers put the request before or behind its answer.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from archive.warc.foreign import ForeignRecord, Found, Skipped, Unreadable
from archive.warc.scan import Head

# How far apart they may stand, in answers; and how long a request may be.
_APART: Final = 16
_MAX_REQUESTS: Final = 1_000
_MAX_REQUEST_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignExchange:
    """An answer (response, revisit or resource record) and its request; None without one."""

    answer: ForeignRecord
    request: ForeignRecord | None = None


def exchanges(found: Iterable[Found]) -> Iterator[ForeignExchange | Skipped | Unreadable]:
    """The records of one file as exchanges. Requests without an answer are left out silently:
    nothing was captured.
    """
    early: OrderedDict[str, ForeignRecord] = OrderedDict()
    waiting: deque[ForeignExchange] = deque()
    for each in found:
        if not isinstance(each, ForeignRecord):
            yield each
        elif each.head.record_type == "request":
            if len(each.block) <= _MAX_REQUEST_BYTES and not _joined(waiting, each):
                _remember(early, each)
        else:
            waiting.append(ForeignExchange(answer=each, request=_early(early, each.head)))
            if len(waiting) > _APART:
                yield waiting.popleft()
    yield from waiting


def _joined(waiting: deque[ForeignExchange], request: ForeignRecord) -> bool:
    """Gives the request to the answer that waits for it; False when none does."""
    mine = _names(request.head)
    for place, each in enumerate(waiting):
        if each.request is None and mine & _names(each.answer.head):
            waiting[place] = ForeignExchange(answer=each.answer, request=request)
            return True
    return False


def _remember(early: OrderedDict[str, ForeignRecord], request: ForeignRecord) -> None:
    for name in _names(request.head):
        early[name] = request
    while len(early) > _MAX_REQUESTS:
        early.popitem(last=False)


def _early(early: OrderedDict[str, ForeignRecord], head: Head) -> ForeignRecord | None:
    found = next((early[name] for name in _names(head) if name in early), None)
    for name in _names(found.head) if found else ():
        early.pop(name, None)
    return found


def _names(head: Head) -> set[str]:
    """The ids by which two records of one exchange know each other."""
    return {*head.all("WARC-Record-ID"), *head.all("WARC-Concurrent-To")}
