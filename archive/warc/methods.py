"""Which answers were answers to HEAD: those rightly promise a body and have none (RFC 9110
section 9.3.2). The request lies beside the answer, before or behind it, and either names the other.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator

from archive.model.reading import Severity
from archive.warc.rules import Complaint
from archive.warc.scan import Head

# Requests lie next to their answers; further off they are not looked for.
_MOST = 10_000
HeadComplaint = tuple[Head, Complaint]


class Methods:
    """Requests and the answers without a body, brought together; bounded."""

    def __init__(self) -> None:
        self._asked_head: OrderedDict[str, bool] = OrderedDict()
        self._waiting: OrderedDict[str, tuple[Head, str]] = OrderedDict()

    def request(self, head: Head, *, asks_head: bool) -> Iterator[HeadComplaint]:
        """Notes a request; yields the answers that now prove to be cut."""
        for name in _names(head):
            self._asked_head[name] = asks_head
            waiting = self._waiting.pop(name, None)
            if waiting and not asks_head:
                yield _cut(*waiting)
        while len(self._asked_head) > _MOST:
            self._asked_head.popitem(last=False)

    def without_body(self, head: Head, damage: str) -> Iterator[HeadComplaint]:
        """Notes an answer whose body is missing altogether; reported at once where it proves to be
        cut, or nothing names it.
        """
        names = _names(head)
        known = [self._asked_head[name] for name in names if name in self._asked_head]
        if known:
            if not any(known):
                yield _cut(head, damage)
            return
        for name in names[:1]:
            self._waiting[name] = (head, damage)
        if not names:
            yield _doubtful(head, damage)
        while len(self._waiting) > _MOST:
            _, (other, its_damage) = self._waiting.popitem(last=False)
            yield _doubtful(other, its_damage)

    def rest(self) -> Iterator[HeadComplaint]:
        """The answers whose request is not in the file."""
        for head, damage in self._waiting.values():
            yield _doubtful(head, damage)
        self._waiting.clear()


def _names(head: Head) -> list[str]:
    found: Iterable[str | None] = [head.get("WARC-Record-ID"), *head.all("WARC-Concurrent-To")]
    return [name for name in found if name]


def _cut(head: Head, damage: str) -> HeadComplaint:
    return head, (Severity.ERROR, "http_body", damage)


def _doubtful(head: Head, damage: str) -> HeadComplaint:
    message = f"{damage}; right only if it answers a HEAD, whose request is not beside it"
    return head, (Severity.WARNING, "http_no_body", message)
