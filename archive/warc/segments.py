"""Records in segments (WARC 1.1 section 7): joined over files, in the order of their numbers, and
looked at as the one record they are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from archive.model.reading import Severity
from archive.warc.block import NO_BODY, Block
from archive.warc.folder import WarcFile
from archive.warc.rules import Complaint, segment_number
from archive.warc.scan import Damage, Head, Scanner
from archive.warc.unpack import BrokenError

_MOST = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Segment:
    number: int
    file: WarcFile
    head: Head
    size_bytes: int


class Segments:
    """`note` every segment; `damages` at the end. Bounded: beyond, it reports that."""

    def __init__(self) -> None:
        self._origins: dict[str, list[_Segment]] = {}
        self._count = 0

    def note(self, head: Head, file: WarcFile, size_bytes: int) -> None:
        """Remembers where a segment lies; records that are none are left alone."""
        number = segment_number(head)
        name = "WARC-Segment-Origin-ID" if head.record_type == "continuation" else "WARC-Record-ID"
        origin = head.get(name)
        if number is None or origin is None:
            return
        self._count += 1
        if self._count <= _MOST:
            segment = _Segment(number=number, file=file, head=head, size_bytes=size_bytes)
            self._origins.setdefault(origin, []).append(segment)

    def damages(self) -> Iterator[Damage]:
        """Everything that is wrong with segmented records."""
        for origin, segments in self._origins.items():
            segments.sort(key=lambda segment: segment.number)
            for complaint in _complaints(origin, segments):
                yield _damage(segments[0], complaint)
        if self._count > _MOST:
            [first, *_] = next(iter(self._origins.values()))
            message = f"more than {_MOST} segments: not all were looked at"
            yield _damage(first, (Severity.WARNING, "too_many", message))


def _complaints(origin: str, segments: list[_Segment]) -> Iterator[Complaint]:
    numbers = [segment.number for segment in segments]
    total = segments[-1].head.get("WARC-Segment-Total-Length")
    size = sum(segment.size_bytes for segment in segments)
    if segments[0].head.record_type == "continuation":
        message = f"a continuation of {origin}, whose first segment is not in the files looked at"
        yield Severity.ERROR, "segment_origin", message
    elif numbers != list(range(1, len(segments) + 1)):
        message = f"segments {', '.join(map(str, numbers[:20]))} do not follow one another"
        yield Severity.ERROR, "segment_missing", message
    elif total is None:
        yield Severity.ERROR, "segment_missing", "its last segment is not in the files looked at"
    elif total != str(size):
        message = f"WARC-Segment-Total-Length says {total[:20]}, the segments have {size} bytes"
        yield Severity.ERROR, "segment_length", message
    else:
        yield from _joined_complaints(segments)


def _joined_complaints(segments: list[_Segment]) -> Iterator[Complaint]:
    block = Block(segments[0].head, joined=True)
    try:
        for segment in segments:
            for piece in _pieces(segment):
                block.add(piece)
    except (OSError, BrokenError) as error:
        yield Severity.WARNING, "segment", f"the segments could not be read again: {error}"
        return
    for severity, rule, message in block.complaints():
        yield severity, "http_body" if rule == NO_BODY else rule, message


def _pieces(segment: _Segment) -> Iterator[bytes]:
    with segment.file.open("rb") as stream:
        stream.seek(segment.head.offset)
        scanner = Scanner(stream, segment.file)
        wanted = segment.head.get("WARC-Record-ID")
        # Where several records share a member, all have its offset.
        for head in scanner.heads():
            if head.get("WARC-Record-ID") == wanted:
                yield from scanner.pieces()
                return
        raise scanner.broken(segment.head.offset, "segment", "the segment is no longer there")


def _damage(segment: _Segment, complaint: Complaint) -> Damage:
    severity, rule, message = complaint
    return Damage(
        file=str(segment.file),
        offset=segment.head.offset,
        severity=severity,
        rule=rule,
        message=message,
    )
