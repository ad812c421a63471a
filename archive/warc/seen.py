"""What a checker remembers of a file, or of several that belong together: ids, and what revisits
may refer to. Bounded: 64-bit hashes, up to a number; beyond it, it says that it no longer knows.
"""

from collections.abc import Iterator
from hashlib import blake2b

from archive.model.reading import Severity
from archive.warc.record import parse_date
from archive.warc.scan import Damage, Head

MOST_REMEMBERED = 4_000_000
_CAPTURES = frozenset({"response", "resource", "conversion"})


class Seen:
    """`note` every record; `unresolved` at the end."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._most = most
        self._ids: set[int] = set()
        self._captures: set[int] = set()
        self._waiting: list[tuple[Damage, tuple[int, ...]]] = []

    @property
    def full(self) -> bool:
        """Whether more was seen than is remembered: nothing more is then said about it."""
        return len(self._ids) + len(self._captures) + len(self._waiting) >= self._most

    def note(self, head: Head, file: str) -> bool:
        """Remembers a record; whether its id was seen before."""
        if self.full:
            return False
        record_id = head.get("WARC-Record-ID")
        key = _key(record_id or "")
        twice = record_id is not None and key in self._ids
        self._ids.add(key)
        if head.record_type in _CAPTURES:
            self._captures.update(_names(head))
        elif head.record_type == "revisit":
            self._wait(head, file)
        return twice

    def unresolved(self) -> Iterator[Damage]:
        """Every revisit that refers to no capture that was seen; nothing once it is full."""
        if self.full:
            return
        for damage, keys in self._waiting:
            if not self._captures.intersection(keys):
                yield damage

    def _wait(self, head: Head, file: str) -> None:
        uri, date = head.get("WARC-Refers-To-Target-URI"), head.get("WARC-Refers-To-Date")
        digest, record_id = head.get("WARC-Payload-Digest"), head.get("WARC-Refers-To")
        keys = [_place_key(uri, date)] if uri and date else []
        keys += [_key(name) for name in (record_id,) if name]
        # Without a name, replay engines look for the digest.
        if not keys and digest:
            keys = [_key(digest)]
        if not keys:
            return
        target = f"{uri} at {date}" if uri else record_id or digest
        damage = Damage(
            file=file,
            offset=head.offset,
            severity=Severity.ERROR,
            rule="unresolved_revisit",
            message=f"a revisit of {target}, which is not in the files looked at",
        )
        self._waiting.append((damage, tuple(keys)))


def _names(head: Head) -> Iterator[int]:
    """Everything under which a revisit may refer to a capture."""
    uri, date = head.get("WARC-Target-URI"), head.get("WARC-Date")
    if uri and date:
        yield _place_key(uri, date)
    for name in (head.get("WARC-Record-ID"), head.get("WARC-Payload-Digest")):
        if name:
            yield _key(name)


def _place_key(uri: str, date: str) -> int:
    """To the second: writers of WARC 1.0 refer so to captures dated more exactly."""
    at = parse_date(date)
    second = f"{at:%Y%m%d%H%M%S}" if at else date
    return _key(f"{uri.removeprefix('<').removesuffix('>')} {second}")


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
