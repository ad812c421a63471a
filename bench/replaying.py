"""Raw replay beside pywb with a file CDXJ: many URLs captured once, and one URL captured often."""

import http.client
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import insert, update

from archive.model.portal import Portal
from archive.store import Store
from archive.store.frontier.runs import begin_run
from archive.store.schema import capture, page, warc_file
from archive.warc.cdxj import CdxRow
from archive.warc.folder import warc_files
from archive.warc.record import Written
from archive.warc.writer import Exchange, WarcWriter
from archive.work.home import Home
from archive.work.preservation.ledger_cdx import ledger_rows, why_withdrawn
from archive.work.preservation.pywb_engine import pywb
from archive.work.preservation.replay import COLLECTION, replaying
from archive.work.preservation.replay_front import Front

PYWB, OURS = "pywb, file CDXJ", "gongkai replay"
ONCE, OFTEN = "URLs captured once", "captures of one URL"
_BEGIN: Final = datetime(2020, 1, 1, tzinfo=UTC)
_SITE: Final = "http://www.x.gov.cn"
# How often the one URL was captured, whatever the rest.
OFTEN_CAPTURED: Final = 20_000
_AT_ONCE: Final = 10_000
# Of each kind; what is more shares them, for a million records would take an hour to write.
_RECORDS: Final = 20_000
_ASKED: Final = {(PYWB, ONCE): 300, (OURS, ONCE): 300, (PYWB, OFTEN): 5, (OURS, OFTEN): 300}
_BODY: Final = "<title>政府信息公开工作年度报告</title>".encode() * 100


@dataclass(slots=True)
class Waits:
    """How long answers took, in milliseconds."""

    ms: list[float] = field(default_factory=list)

    def row(self, what: str, base: "Waits") -> str:
        """A row of the table; the ratio is of the medians."""
        p50, p95 = statistics.median(self.ms), sorted(self.ms)[int(len(self.ms) * 0.95)]
        ratio = p50 / statistics.median(base.ms)
        return f"| {what} | {len(self.ms)} | {p50:.1f} | {p95:.1f} | {ratio:.2f} |"


def waits(once: int, often: int = OFTEN_CAPTURED) -> dict[tuple[str, str], Waits]:
    """By server and by what was asked for; the two servers in turn. once: URLs that were captured
    once; often: captures of the one URL beside them.
    """
    counts = {ONCE: once, OFTEN: often}
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder))
        home.make()
        with _both(home, fill(home, once, often)) as ports:
            found = {each: Waits() for each in _ASKED}
            for number in range(max(_ASKED.values())):
                for (server, what), count in _ASKED.items():
                    if number < count:
                        chosen = random.randrange(counts[what])  # noqa: S311 - no secret
                        found[server, what].ms.append(_ask(ports[server], what, chosen))
            return found


def waits_table(found: dict[tuple[str, str], Waits], once: int, often: int = OFTEN_CAPTURED) -> str:
    """A Markdown table."""
    counts = {ONCE: once, OFTEN: often}
    lines = ["| what | asked | p50 ms | p95 ms | p50 ratio |", "|---|---|---|---|---|"]
    for (server, what), each in found.items():
        lines.append(each.row(f"{server}, {counts[what]:,} {what}", found[PYWB, what]))
    return "\n".join(lines)


def fill(home: Home, once: int, often: int) -> list[CdxRow]:
    """As many URLs captured once, an hour apart, and as many captures of one more URL. Returns what
    an index has of them.
    """
    writer = WarcWriter(
        home.warc, host_software="bench/0", operator="bench@example.org",
        now=lambda: _BEGIN, new_id=lambda: str(uuid.uuid4()), max_size_bytes=1024**4,
    )  # fmt: skip
    records = _Records(writer)
    asked = [(number, number + 2) for number in range(once)]
    asked += [(number, 1) for number in range(often)]
    indexed: list[CdxRow] = []
    with Store.open(home.path) as store, store.write() as connection:
        portal = Portal(key="x", name="x", entries=(), source="user")
        ticket = begin_run(connection, job="bench", portals=[portal], options={}, mode="full",
                           now=_BEGIN, pid=1)  # fmt: skip
        links = range(-(-max(once, often) // _RECORDS))
        connection.execute(
            insert(warc_file),
            [{"id": 1 + link, "name": _name(link), "committed_end": 0} for link in links],
        )
        same = {"run_id": ticket.run_id}
        connection.execute(insert(page), [_page(f"{_SITE}/often.htm") | {"id": 1}])
        for start in range(0, len(asked), _AT_ONCE):
            some = asked[start : start + _AT_ONCE]
            urls = {place: _url(number, place) for number, place in some}
            pages = [_page(url) | {"id": place} for place, url in urls.items() if place > 1]
            if pages:
                connection.execute(insert(page), pages)
            written = [records.written(number, place) for number, place in some]
            rows = [
                _captured(each, number) | {"page_id": place} | same
                for each, (number, place) in zip(written, some, strict=True)
            ]
            connection.execute(insert(capture), rows)
            indexed += [
                _indexed(each, urls[place], number)
                for each, (number, place) in zip(written, some, strict=True)
            ]
        writer.sync()
        writer.close()
        [path] = warc_files(home.warc)
        for link in links:
            os.link(home.warc / path.name, home.warc / _name(link))
        size = path.stat().st_size
        (home.warc / path.name).unlink()
        connection.execute(update(warc_file).values(committed_end=size))
    return indexed


class _Records:
    """The records that captures have, some thousands of each kind."""

    def __init__(self, writer: WarcWriter) -> None:
        self._writer = writer
        self._written: dict[tuple[int, bool], Written] = {}

    def written(self, number: int, place: int) -> Written:
        """That of a capture."""
        shared = number % _RECORDS, place == 1
        if shared not in self._written:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
            self._written[shared] = self._writer.append(
                Exchange(
                    url=_url(number, place),
                    request=b"GET / HTTP/1.1\r\nHost: www.x.gov.cn\r\n\r\n",
                    response=head + _body(number),
                    started_at=_at(number),
                )
            )
        return self._written[shared]


def _name(link: int) -> str:
    """The ledger has each place of a file once: those who share records have a link of the file."""
    return f"{link}.warc.gz"


def _at(number: int) -> datetime:
    return _BEGIN + timedelta(hours=number % _RECORDS)


def _body(number: int) -> bytes:
    return _BODY + str(number % _RECORDS).encode()


def _url(number: int, place: int) -> str:
    return f"{_SITE}/often.htm" if place == 1 else f"{_SITE}/nb/{number}.htm"


def _page(url: str) -> dict[str, object]:
    return {
        "key": url, "url": url, "method": "GET", "host": f"{_SITE}:80", "portal_key": "x",
        "role": "page", "depth": 1, "first_seen_at": _BEGIN, "versions": 0,
    }  # fmt: skip


def _captured(written: Written, number: int) -> dict[str, object]:
    return {
        "captured_at": _at(number), "status": 200, "media_type": "text/html",
        "payload_digest": written.payload_digest, "size_bytes": written.size_bytes,
        "warc_file_id": 1 + number // _RECORDS,
        "warc_offset": written.spot.offset, "warc_length": written.spot.length,
        "record_id": written.record_id, "record_type": "response", "host": f"{_SITE}:80",
        "elapsed_s": 0.1,
    }  # fmt: skip


def _indexed(written: Written, url: str, number: int) -> CdxRow:
    return CdxRow(
        url=url, timestamp=f"{_at(number):%Y%m%d%H%M%S}", mime="text/html", status=200,
        digest=written.payload_digest, length=written.spot.length, offset=written.spot.offset,
        filename=_name(number // _RECORDS),
    )  # fmt: skip


@contextmanager
def _both(home: Home, rows: Sequence[CdxRow]) -> Iterator[dict[str, http.client.HTTPConnection]]:
    index = home.path / "all.cdxj"
    index.write_text("".join(sorted(row.line() for row in rows)), encoding="utf-8")
    plain = {"index": str(index), "archive_paths": f"{home.warc}/"}
    settings = {"collections": {COLLECTION: plain}, "enable_auto_colls": False}
    with (
        Store.open(home.path) as store,
        pywb(settings, {}, home.path / "plain.log") as (_, port),
        replaying(
            home,
            host="127.0.0.1",
            port=0,
            front=Front(
                collection=COLLECTION,
                folder=home.warc,
                lookup=partial(ledger_rows, store),
                first_page=str,
                why_withdrawn=partial(why_withdrawn, store),
            ),
        ) as running,
    ):
        opened = {
            name: http.client.HTTPConnection("127.0.0.1", each, timeout=120)
            for name, each in ((PYWB, port), (OURS, running.port))
        }
        try:
            yield opened
        finally:
            for each in opened.values():
                each.close()


def _ask(server: http.client.HTTPConnection, what: str, number: int) -> float:
    """How long one raw capture takes, in milliseconds; RuntimeError where it is another's."""
    url = f"{_SITE}/nb/{number}.htm" if what == ONCE else f"{_SITE}/often.htm"
    begin = time.perf_counter()
    server.request("GET", f"/{COLLECTION}/{_at(number):%Y%m%d%H%M%S}id_/{url}")
    body = server.getresponse().read()
    taken = (time.perf_counter() - begin) * 1_000
    if body != _body(number):
        raise RuntimeError(f"{url} at {_at(number)}: another capture was sent")
    return taken
