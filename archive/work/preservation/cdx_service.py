"""Answers CDX queries over HTTP: CDXJ or JSON lines, streamed, straight from the ledger, so that
replay needs no exported index and sees a capture as soon as it is committed.

`cdx_service` is the one on the loopback that the replay engine asks; users ask the same through
the replay's front. What cannot be answered is refused with 400 and one line.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain, islice
from threading import Thread
from typing import Final, TypeAlias, cast
from urllib.parse import parse_qsl, urlsplit

from archive.model.errors import GongkaiError, UsageError, WarcError
from archive.warc.cdxj import CdxRow
from archive.warc.folder import WarcFolder, file_of
from archive.warc.reader import MAX_BLOCK_BYTES
from archive.work.preservation.cdx_query import CdxQuery, Match, cdx_query

Lookup: TypeAlias = Callable[[CdxQuery], Iterable[CdxRow]]
"""Finds the captures that a query asks for, in the order in which they are to be told."""

MAX_QUERY: Final = 16 * 1024
_TIMEOUT_S: Final = 30.0
# A URL that is not there lets pywb look for similar ones: it asks for all with that beginning.
_MAX_SIMILAR: Final = 1_000
# How many of the nearest pywb gets: it asks for 100, and shows the first that can be read.
_MAX_NEAREST: Final = 20
_KNOWN: Final = (
    "url", "matchType", "closest", "from", "to", "limit", "sort", "output", "filter", "fl",
)  # fmt: skip
_FIELDS: Final = (
    "urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename",
    "truncated", "requestBody", "method",
)  # fmt: skip
_OTHER_NAMES: Final = {"mimetype": "mime", "statuscode": "status"}
_NEEDLESS: Final = ("allowFuzzy",)
FILES: Final = "/warc/"
_RANGE: Final = re.compile(r"bytes=(\d{1,18})-(\d{1,18})")


@contextmanager
def cdx_service(folder: WarcFolder, lookup: Lookup) -> Iterator[str]:
    """Serves the captures whose records lie in `folder`, on a port of the loopback that nobody
    else uses, for as long as the block lasts; gives the URL of the service. Below /warc/ it serves
    the files themselves by ranges: of a bucket the engine knows nothing.
    """
    server = _Server(folder, lambda query: _for_engine(folder, lookup, query))
    thread = Thread(target=server.serve_forever, name="cdx", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def cdx_answer(folder: WarcFolder, lookup: Lookup, query: str) -> Iterator[str]:
    """The lines that answer a user's query string, each with its end. UsageError says what is
    wrong with the query, before the first line.
    """
    pairs = [pair for pair in parse_qsl(query) if pair[0] not in _NEEDLESS]
    for name, _ in pairs:
        if name not in _KNOWN:
            raise UsageError(f"{name[:40]!r} is not answered here; known are {', '.join(_KNOWN)}")
    parameters = dict(pairs)
    write = _writer(parameters)
    filters = [_filter(value) for name, value in pairs if name == "filter"]
    asked = cdx_query(parameters)
    # A filter counts before the limit.
    rows = _present(folder, lookup(replace(asked, limit=None) if filters else asked))
    wanted = (row for row in rows if all(fits(row) for fits in filters))
    return map(write, islice(wanted, asked.limit) if filters else wanted)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: WarcFolder, answer: Callable[[str], Iterator[str]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.answer = answer


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path.startswith(FILES):
            self._send_range(parts.path.removeprefix(FILES))
            return
        if parts.path != "/cdx" or len(parts.query) > MAX_QUERY:
            self.send_error(404)
            return
        try:
            body = "".join(cast(_Server, self.server).answer(parts.query)).encode()
        except UsageError as error:
            self._send(400, "text/plain", f"{error}\n".encode())
        except GongkaiError:
            self.send_error(500)
        else:
            self._send(200, "text/x-cdxj", body)

    def _send_range(self, name: str) -> None:
        """The bytes of one record, as the engine asks for them; a file as a whole it never does."""
        asked = _RANGE.fullmatch(self.headers.get("Range") or "")
        if asked is None or int(asked[2]) - int(asked[1]) >= MAX_BLOCK_BYTES:
            self.send_error(416)
            return
        start, end = int(asked[1]), int(asked[2]) + 1
        try:
            with file_of(cast(_Server, self.server).folder, name).open("rb", 0) as stream:
                stream.seek(start)
                body = stream.read(max(0, end - start))
        except (GongkaiError, OSError):
            self.send_error(404)
        else:
            self._send(206, "application/octet-stream", body)

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the parent
        """Nothing: the engine that asks keeps the log."""


def _for_engine(folder: WarcFolder, lookup: Lookup, query: str) -> Iterator[str]:
    """What the engine asks itself; users get their answers from the front."""
    asked = cdx_query(dict(parse_qsl(query)))
    if asked.match is not Match.EXACT:
        asked = replace(asked, limit=_MAX_SIMILAR)
    elif asked.closest is not None:
        asked = replace(asked, limit=_MAX_NEAREST)
    return (row.line() for row in _present(folder, lookup(asked)))


def _writer(parameters: Mapping[str, str]) -> Callable[[CdxRow], str]:
    """How a row is written: as CDXJ (the default) or as a line of JSON, with all fields or those
    that fl names.
    """
    wanted = tuple(filter(None, parameters.get("fl", "").split(",")))
    for name in wanted:
        _check_field("fl", name)
    match parameters.get("output") or "cdxj":
        case "json":
            return lambda row: json.dumps(_chosen(_all_fields(row), wanted)) + "\n"
        case "cdxj":
            return lambda row: (
                f"{row.key} {row.timestamp} {json.dumps(_chosen(row.fields(), wanted))}\n"
            )
        case other:
            raise UsageError(f"output={other[:40]!r} is none of cdxj, json")


def _check_field(parameter: str, name: str) -> None:
    if name not in _FIELDS:
        known = ", ".join(_FIELDS)
        raise UsageError(f"{parameter}: {name[:40]!r} is no field; fields are {known}")


def _all_fields(row: CdxRow) -> dict[str, str]:
    return {"urlkey": row.key, "timestamp": row.timestamp, **row.fields()}


def _chosen(fields: dict[str, str], wanted: tuple[str, ...]) -> dict[str, str]:
    return {name: fields[name] for name in wanted if name in fields} if wanted else fields


def _filter(spelled: str) -> Callable[[CdxRow], bool]:
    """`[!][=]FIELD:TEXT`: a field that has the text in it, or is it; `!` turns that round."""
    negated, rest = spelled.startswith("!"), spelled.removeprefix("!")
    if rest.startswith("~"):
        raise UsageError("filter: regular expressions are not answered; use FIELD:TEXT")
    exact, (name, colon, text) = rest.startswith("="), rest.removeprefix("=").partition(":")
    if not colon:
        raise UsageError(f"filter={spelled[:40]!r} is not [!][=]FIELD:TEXT")
    name = _OTHER_NAMES.get(name, name)
    _check_field("filter", name)

    def fits(row: CdxRow) -> bool:
        value = _all_fields(row).get(name)
        return ((value or "") == text if exact else text in (value or "")) is not negated

    return fits


def _present(folder: WarcFolder, rows: Iterable[CdxRow]) -> Iterator[CdxRow]:
    """Rows under the name that a file has now: with `.open` while it grows. What lies in a missing
    file cannot be shown; `verify` reports it. The first row is looked for at once.
    """
    names: dict[str, str | None] = {}

    def presented() -> Iterator[CdxRow]:
        for row in rows:
            if row.filename not in names:
                names[row.filename] = _present_name(folder, row.filename)
            present = names[row.filename]
            if present is not None:
                yield replace(row, filename=present)

    found = presented()
    return chain(list(islice(found, 1)), found)


def _present_name(folder: WarcFolder, name: str) -> str | None:
    try:
        return file_of(folder, name).name
    except WarcError:
        return None
