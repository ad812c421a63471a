"""Whether index, pages and records of a WACZ belong together: every line leads to its record, every
capture has a line, every page is a capture. What was seen waits on disk, as in archive.warc.seen.
"""

import hashlib
import json
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Final, Self

from archive.model.reading import Severity
from archive.warc.facts import Fact, Facts, key_of
from archive.warc.record import parse_date
from archive.warc.rules import Complaint
from archive.warc.scan import Head
from archive.warc.surt import surt

_RECORD, _LINE, _PAGE, _EXTRA_PAGE = range(4)
_DAY_S: Final = 86_400
_BEGIN: Final = datetime.min.replace(tzinfo=UTC)
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)", re.ASCII)
_CAPTURES: Final = frozenset({"response", "revisit"})
_MAX_SHOWN: Final = 200
# A file and a complaint about it.
About = tuple[str, int, Complaint]


class IndexCheck:
    """`note_record`, `note_lines` and `note_pages`, then `complaints`. In a `with`: it has files.
    Raises CannotRunError when there is no room for them.
    """

    def __init__(self) -> None:
        self._places = Facts()
        self._urls = Facts()
        self._files: list[str] = []
        self._lines = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._places.close()
        self._urls.close()

    def note_record(self, file: str, head: Head, length: int | None) -> None:
        """Remembers a record of a WARC file. An index may leave out an answer that was cut."""
        url, at = head.target_uri or "", parse_date(head.get("WARC-Date") or "")
        about = key_of(url, f"{at:%Y%m%d%H%M%S}" if at else "")
        is_cut = head.record_type == "response" and head.get("WARC-Truncated") is not None
        is_capture = head.record_type in _CAPTURES and url.lower().startswith("http") and not is_cut
        name = PurePosixPath(file).name
        number = self._number(file)
        text = f"{head.record_type} of {url}" if is_capture else ""
        place = key_of(name, str(head.offset))
        self._places.add(Fact(place, _RECORD, length or 0, about, number, head.offset, text))

    def note_lines(self, file: str, lines: Iterable[bytes]) -> Iterator[About]:
        """Remembers the lines of an index; what is wrong with a line by itself."""
        number, before = self._number(file), b""
        told: Counter[str] = Counter()
        for count, raw in enumerate(lines, 1):
            if raw.startswith(b"!meta"):
                continue
            wrong = self._line(raw, number, count)
            if wrong is None and raw < before:
                wrong = ("index_order", "the lines are not sorted: what is behind may not be found")
            before = raw
            if wrong is not None:
                told[wrong[0]] += 1
                if told[wrong[0]] == 1:
                    yield file, count, (Severity.ERROR, wrong[0], f"line {count}: {wrong[1]}")

    def note_pages(self, file: str, lines: Iterable[bytes], *, is_main: bool) -> Iterator[About]:
        """Remembers a list of pages, whose first line is a head; what is wrong with a line."""
        number, pages, told = self._number(file), 0, False
        for count, raw in enumerate(lines, 1):
            page = _object(raw)
            if count == 1 and page is not None and "format" in page:
                continue
            wrong = _wrong_page(page)
            if wrong and not told:
                told = True
                yield file, count, (Severity.ERROR, "page", f"line {count}: {wrong}")
            if page is not None and not wrong:
                pages += 1
                url = str(page["url"]).partition("#")[0]
                at = _second(str(page["ts"]))
                kind = _PAGE if is_main else _EXTRA_PAGE
                self._urls.add(Fact(key_of(surt(url)), kind, at, 0, number, count, url))
        if is_main and not pages and not told:
            yield file, 0, (Severity.WARNING, "no_page", "the list names no page")

    def complaints(self, *, exact_pages: bool) -> Iterator[About]:
        """What does not belong together. Without any line of an index only that is told, by whoever
        looked for one. exact_pages: a page has the time of its capture; else (other crawlers say
        when they began to load it) one of the same day is enough.
        """
        if not self._lines:
            return
        for group in self._places.groups():
            yield from self._of_place(group)
        for group in self._urls.groups():
            yield from self._of_url(group, exact_pages=exact_pages)

    def _of_url(self, group: list[Fact], *, exact_pages: bool) -> Iterator[About]:
        seen = sorted({fact.value for fact in group if fact.kind == _LINE})
        for fact in group:
            if fact.kind == _LINE:
                continue
            severity = Severity.ERROR if fact.kind == _PAGE else Severity.WARNING
            page = f"the page {fact.text[:_MAX_SHOWN]}"
            if not seen:
                wrong = severity, "page_not_indexed", f"{page} is not in the index"
            elif not _has_near(seen, fact.value, 0 if exact_pages else _DAY_S):
                severity = severity if exact_pages else Severity.WARNING
                wrong = severity, "page_time", f"{page} has a ts at which it was not captured"
            else:
                continue
            yield self._files[fact.file], fact.offset, wrong

    def _number(self, file: str) -> int:
        if file not in self._files:
            self._files.append(file)
        return self._files.index(file)

    def _line(self, raw: bytes, number: int, count: int) -> tuple[str, str] | None:
        key, _, rest = raw.partition(b" ")
        stamp, _, content = rest.partition(b" ")
        fields = _object(content)
        if fields is None or not key or not stamp.isdigit():
            return "index_line", "no CDXJ line"
        url, name = fields.get("url"), fields.get("filename")
        try:
            offset, length = int(str(fields["offset"])), int(str(fields["length"]))
        except (KeyError, ValueError):
            return "index_line", "offset and length are missing or no numbers"
        if not isinstance(url, str) or not isinstance(name, str) or not 0 <= offset < 1 << 62:
            return "index_line", "url, filename or offset is missing"
        self._lines += 1
        file = PurePosixPath(name).name
        about = key_of(url, stamp[:14].decode())
        at = _second(_DATE.sub(r"\1-\2-\3T\4:\5:\6Z", stamp.decode()[:14]))
        text = f"{url[:_MAX_SHOWN]} at {stamp.decode()[:14]}: {file}, offset {offset}"
        place, size = key_of(file, str(offset)), min(max(length, 0), 1 << 62)
        self._places.add(Fact(place, _LINE, size, about, number, count, text))
        for each in {surt(url), key.decode("utf-8", "replace")}:  # which has what was posted
            self._urls.add(Fact(key_of(each), _LINE, at, 0, number, count, ""))
        return None

    def _of_place(self, group: list[Fact]) -> Iterator[About]:
        records = [fact for fact in group if fact.kind == _RECORD]
        lines = [fact for fact in group if fact.kind == _LINE]
        for line in lines:
            wrong = _wrong_line(line, records)
            if wrong:
                message = f"line {line.offset}: {line.text}: {wrong}"
                yield self._files[line.file], line.offset, (Severity.ERROR, "index_offset", message)
        for record in records:
            if record.text and not lines:
                message = f"the {record.text[:_MAX_SHOWN]} is not in the index"
                complaint = (Severity.ERROR, "not_indexed", message)
                yield self._files[record.file], record.offset, complaint


def check_blocks(
    lines: Iterable[bytes], block: Callable[[str, int, int], bytes | None]
) -> Iterator[Complaint]:
    """What is wrong with an index of blocks (index.idx). block: the bytes at a place of an index
    file; None where there are none.
    """
    default, expected = "", 0
    for count, raw in enumerate(lines, 1):
        _, _, content = raw.partition(b" {")
        fields = _object(b"{" + content) or {}
        if raw.startswith(b"!meta"):
            default = str(fields.get("filename", ""))
            continue
        offset, length = fields.get("offset"), fields.get("length")
        if not isinstance(offset, int) or not isinstance(length, int):
            yield Severity.ERROR, "idx", f"line {count}: no block with offset and length"
            return
        found = block(str(fields.get("filename") or default), offset, length)
        digest = fields.get("digest")
        if found is None or offset != expected:
            yield Severity.ERROR, "idx", f"line {count}: no block of the index lies there"
            return
        if digest is not None and digest != f"sha256:{hashlib.sha256(found).hexdigest()}":
            yield Severity.ERROR, "idx", f"line {count}: the block does not fit its digest"
            return
        expected = offset + length


def _wrong_line(line: Fact, records: list[Fact]) -> str | None:
    if not records:
        return "no record begins there"
    for record in records:
        if record.extra == line.extra and record.value == line.value:
            return None
    if records[0].extra == line.extra:
        return f"the record has {records[0].value} bytes, not {line.value}"
    return "the record there is of another URL or time"


def _second(date: str) -> int:
    """A date in seconds since year 1; 0 where it is none."""
    at = parse_date(date)
    return int((at - _BEGIN).total_seconds()) if at else 0


def _has_near(seconds: Sequence[int], at: int, most: int) -> bool:
    """Whether one of the sorted `seconds` is no further than `most` from `at`."""
    first = bisect_left(seconds, at - most)
    return first < len(seconds) and seconds[first] <= at + most


def _wrong_page(page: dict[str, object] | None) -> str | None:
    if page is None:
        return "no JSON object"
    if not isinstance(page.get("url"), str) or not page["url"]:
        return "the page has no url"
    stamp = page.get("ts")
    if not isinstance(stamp, str) or parse_date(stamp) is None:
        return "the page has no ts, or one that is no instant"
    return None


def _object(raw: bytes) -> dict[str, object] | None:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
