"""Exchanges and writers for the tests of the shelf, and WARC files made by hand."""

import base64
import gzip
import hashlib
import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archive.model.reading import Severity
from archive.warc.check import check_file
from archive.warc.writer import Exchange, Profile, Revisit, WarcWriter, Written

BEGIN = datetime(2026, 1, 31, 8, 0, 0, 250_000, tzinfo=UTC)
ADDRESS = "http://www.example.gov.cn/zwgk/年报.htm"
REQUEST = b"GET /zwgk/x.htm HTTP/1.1\r\nHost: www.example.gov.cn\r\n\r\n"
PAGE = "<title>政府信息公开工作年度报告</title>".encode("gb2312") * 9


def clock() -> Callable[[], datetime]:
    ticks = itertools.count()
    return lambda: BEGIN + timedelta(seconds=next(ticks))


def ids(start: int = 0) -> Callable[[], str]:
    ticks = itertools.count(start)
    return lambda: f"00000000-0000-4000-8000-{next(ticks):012d}"


def writer(
    folder: Path,
    *,
    start: int = 0,
    max_size_bytes: int = 1024**3,
    archive_id: str | None = None,
) -> WarcWriter:
    return WarcWriter(
        folder,
        host_software="gongkai/0",
        operator="archivist@example.org",
        now=clock(),
        new_id=ids(start),
        archive_id=archive_id,
        max_size_bytes=max_size_bytes,
    )


def answer(body: bytes = PAGE, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    lines = [b"HTTP/1.1 " + status, b"Content-Type: text/html; charset=gb2312", *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def coded(page: bytes = PAGE, *, first: int | None = None) -> bytes:
    """A gzip body in two chunks; first: length of the first one."""
    packed = gzip.compress(page, mtime=0)
    half = len(packed) // 2 if first is None else first
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (packed[:half], packed[half:]))
    headers = (b"Content-Encoding: gzip", b"Transfer-Encoding: chunked")
    return answer(pieces + b"0\r\n\r\n", *headers)


def exchange(response: bytes | None = None, *, day: int = 0, **changes: object) -> Exchange:
    facts = {
        "url": ADDRESS,
        "request": REQUEST,
        "response": answer() if response is None else response,
        "started_at": BEGIN + timedelta(days=day),
        "ip_address": "192.0.2.7",
    }
    return Exchange(**(facts | changes))


def revisit(first: Written, profile: Profile = Profile.IDENTICAL_PAYLOAD) -> Revisit:
    return Revisit(
        url=ADDRESS,
        captured_at=BEGIN,
        payload_digest=first.payload_digest,
        profile=profile,
    )


def shelf(folder: Path) -> Path:
    """A closed file with a page, an identical revisit, a 304, a redirect, a cut answer, an
    exchange without any answer, and a rendered document.
    """
    warc = writer(folder)
    first = warc.append(exchange(coded()))
    warc.append(exchange(coded(), day=1, revisit=revisit(first)))
    not_modified = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    kept = revisit(first, Profile.NOT_MODIFIED)
    warc.append(exchange(not_modified, day=2, revisit=kept))
    moved = answer(b"", b"Location: /zwgk/", status=b"302 Found")
    warc.append(exchange(moved, url="http://www.example.gov.cn/"))
    warc.append(exchange(coded()[:-30], url="http://x.gov.cn/cut", truncated="disconnect"))
    warc.append(exchange(b"", url="http://x.gov.cn/none", truncated="disconnect"))
    warc.append_resource(ADDRESS, b"<html>rendered", "text/html", first.record_id)
    warc.sync()
    warc.close()
    [path] = folder.glob("*.warc.gz")
    return path


def sha1(content: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()  # noqa: S324 - as others do


def plain_record(block: bytes = answer(), *, version: str = "1.1", **fields: str | None) -> bytes:
    """A response record as a careful writer makes it; fields (with _ for -) change or drop."""
    payload = block.partition(b"\r\n\r\n")[2]
    facts = {
        "WARC-Type": "response",
        "WARC-Record-ID": "<urn:uuid:00000000-0000-4000-8000-000000000001>",
        "WARC-Date": "2024-03-10T08:00:00Z",
        "WARC-Target-URI": "http://www.example.gov.cn/",
        "WARC-Block-Digest": sha1(block),
        "WARC-Payload-Digest": sha1(payload),
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block)),
    }
    facts |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in facts.items() if value is not None)
    return f"WARC/{version}\r\n{lines}\r\n".encode() + block + b"\r\n\r\n"


def packed(*records: bytes) -> bytes:
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def check_bytes(folder: Path, content: bytes) -> list[tuple[Severity, str]]:
    path = folder / "a.warc.gz"
    path.write_bytes(content)
    return [(damage.severity, damage.rule) for damage in check_file(path)]
