"""What a checker remembers of a file, or of several that belong together: which records there are,
and what others refer to. On disk, so that memory does not grow with the records.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Final, Self

from archive.model.errors import WarcError
from archive.model.reading import Severity
from archive.warc.digest import parse_digest
from archive.warc.facts import Fact, Facts, key_of
from archive.warc.record import Profile, parse_date
from archive.warc.rules import Complaint, profile_of
from archive.warc.scan import Damage, Head
from archive.warc.segments import Segments

_CAPTURES = frozenset({"response", "resource", "conversion"})
_RECORD, _REVISIT, _CONCURRENT, _WARCINFO = range(4)
# References nearly always lead to a record close by: those are not noted at all.
_MAX_RECENT = 4096
_LENGTHS = (16, 20, 32, 48, 64)

BETWEEN_FILES: Final = frozenset({
    "record_id_twice", "unresolved_revisit", "revisit_digest",
    "segment_origin", "segment_missing", "segment_length",
})  # fmt: skip
"""Rules of the errors that no file shows by itself: only `Seen.unresolved` finds them."""


class Seen:
    """`note` every record; `unresolved` once, at the end. In a `with`: it has temporary files.

    Raises CannotRunError when there is no room for them.
    """

    def __init__(self) -> None:
        self._places = Facts()
        self._names = Facts()
        self._files: list[str] = []
        self._recent: OrderedDict[int, None] = OrderedDict()
        self._shared: OrderedDict[int, None] = OrderedDict()
        self.segments = Segments()

    def note(self, head: Head, file: str) -> None:
        """Remembers a record and what it refers to."""
        if not self._files or self._files[-1] != file:
            self._files.append(file)
        record_id = head.get("WARC-Record-ID")
        is_capture = head.record_type in _CAPTURES
        digest = _digest_key(head.get("WARC-Payload-Digest"))
        if record_id:
            key = key_of("id", record_id)
            _remember(self._recent, key)
            self._add(self._names, key, _RECORD, head, record_id, digest, int(is_capture))
        if is_capture:
            self._note_capture(head, digest)
        elif head.record_type == "revisit":
            self._note_revisit(head, digest)
        for target in head.all("WARC-Concurrent-To"):
            self._note_reference(_CONCURRENT, head, target)
        for target in head.all("WARC-Warcinfo-ID"):
            self._note_reference(_WARCINFO, head, target)

    def unresolved(self) -> Iterator[Damage]:
        """Every record id that stands twice, every reference to what was not seen, every capture
        that contradicts another, and segments that do not fit together.
        """
        for group in self._places.groups():
            yield from self._judged(self._judge_place(group))
        for group in self._names.groups():
            yield from self._judged(_judge_name(group))
        yield from self.segments.damages()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._places.close()
        self._names.close()

    def _add(
        self, facts: Facts, key: int, kind: int, head: Head, text: str, value: int, extra: int
    ) -> None:
        number = len(self._files) - 1
        facts.add(Fact(key, kind, value, extra, number, head.offset, text))

    def _note_capture(self, head: Head, digest: int) -> None:
        uri, date = head.target_uri, head.get("WARC-Date")
        known = digest or _digest_key(head.get("WARC-Block-Digest"), of_block=True)
        if uri and date:
            # Notes of a writer's own (urn:, metadata:) may be many under one name.
            exactly = key_of(head.record_type, date) if uri.lower().startswith("http") else 0
            self._add(self._places, _place(uri, date), _RECORD, head, uri, known, exactly)
        if digest:
            self._add(self._names, key_of("digest", str(digest)), _RECORD, head, "", digest, 1)

    def _note_revisit(self, head: Head, digest: int) -> None:
        """It may name what it repeats by place, by id or, last, by digest alone."""
        uri = head.get("WARC-Refers-To-Target-URI") or head.target_uri
        date, record_id = head.get("WARC-Refers-To-Date"), head.get("WARC-Refers-To")
        profile = profile_of(head)
        compared = digest if profile is Profile.IDENTICAL_PAYLOAD else 0
        by_id = key_of("id", record_id) if record_id else 0
        if uri and date:
            text = f"{uri} at {date}"
            self._add(self._places, _place(uri, date), _REVISIT, head, text, compared, by_id)
        elif record_id:
            self._add(self._names, by_id, _REVISIT, head, record_id, compared, 0)
        elif digest and profile is not Profile.NOT_MODIFIED:  # a 304 has a digest of nothing
            text = head.get("WARC-Payload-Digest") or ""
            key = key_of("digest", str(digest))
            self._add(self._names, key, _REVISIT, head, text, 0, 0)

    def _note_reference(self, kind: int, head: Head, target: str) -> None:
        """One that many records of a file share (warcinfo) is noted for the first of them."""
        key = key_of("id", target)
        if key in self._recent:
            return
        if kind == _WARCINFO:
            shared = key_of(target, str(len(self._files)))
            if shared in self._shared:
                return
            _remember(self._shared, shared)
        self._add(self._names, key, kind, head, target, 0, 0)

    def _judge_place(self, group: list[Fact]) -> Iterator[tuple[Fact, Complaint]]:
        captures = [fact for fact in group if fact.kind == _RECORD]
        yield from _contradictions(captures)
        for fact in group:
            if fact.kind != _REVISIT:
                continue
            if not captures and fact.extra:
                self._names.add(fact._replace(key=fact.extra, extra=0))
            else:
                yield from _judge_revisit(fact, captures)

    def _judged(self, found: Iterable[tuple[Fact, Complaint]]) -> Iterator[Damage]:
        for fact, (severity, rule, message) in found:
            yield Damage(
                file=self._files[fact.file],
                offset=fact.offset,
                severity=severity,
                rule=rule,
                message=message,
            )


def _judge_name(group: list[Fact]) -> Iterator[tuple[Fact, Complaint]]:
    records = [fact for fact in group if fact.kind == _RECORD]
    for fact in records[1:]:
        if fact.text:
            message = f"WARC-Record-ID {fact.text} was seen before"
            yield fact, (Severity.ERROR, "record_id_twice", message)
    for fact in group:
        if fact.kind == _REVISIT:
            yield from _judge_revisit(fact, [each for each in records if each.extra])
        elif fact.kind == _CONCURRENT and not records:
            message = f"WARC-Concurrent-To {fact.text} names no record of the files looked at"
            yield fact, (Severity.WARNING, "concurrent_to", message)
        elif fact.kind == _WARCINFO and not records:
            message = f"WARC-Warcinfo-ID {fact.text} names no record of the files looked at"
            yield fact, (Severity.WARNING, "warcinfo_id", message)


def _judge_revisit(fact: Fact, captures: list[Fact]) -> Iterator[tuple[Fact, Complaint]]:
    if not captures:
        message = f"a revisit of {fact.text}, which is not in the files looked at"
        yield fact, (Severity.ERROR, "unresolved_revisit", message)
    elif fact.value and all(_differ(fact.value, each.value) for each in captures):
        message = f"a revisit of {fact.text}, which has another payload digest"
        yield fact, (Severity.ERROR, "revisit_digest", message)


def _contradictions(captures: list[Fact]) -> Iterator[tuple[Fact, Complaint]]:
    """Captures of one second: those of one instant and kind must be one."""
    first: dict[int, Fact] = {}
    for fact in captures:
        other = first.setdefault(fact.extra, fact)
        if fact.extra and _differ(fact.value, other.value):
            message = f"{fact.text} has two bodies with one WARC-Date; replay shows one of them"
            yield fact, (Severity.WARNING, "two_bodies", message)


def _differ(one: int, other: int) -> bool:
    """Digests of different algorithms cannot be compared, nor one that is missing (0)."""
    return bool(one and other) and one != other and one % 16 == other % 16


def _digest_key(text: str | None, *, of_block: bool = False) -> int:
    """The lowest four bits encode what was digested, and how; 0 when there is none to read."""
    try:
        digest = parse_digest(text or "")
    except WarcError:
        return 0
    kind = _LENGTHS.index(len(digest.value)) + 1 + 8 * of_block
    return (key_of(digest.value.hex()) & ~15) | kind


def _place(uri: str, date: str) -> int:
    """To the second: writers of WARC 1.0 refer so to captures dated more exactly."""
    at = parse_date(date)
    second = f"{at:%Y%m%d%H%M%S}" if at else date
    return key_of("place", uri.removeprefix("<").removesuffix(">"), second)


def _remember(recent: OrderedDict[int, None], key: int) -> None:
    recent[key] = None
    if len(recent) > _MAX_RECENT:
        recent.popitem(last=False)
