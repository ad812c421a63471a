"""A small CDX server on the loopback: replay engines ask it which captures there are.

Answers `GET /cdx?url=…[&matchType=exact|prefix|host]` with CDXJ lines, oldest first, straight from
the ledger, so that replay needs no exported index and sees a capture as soon as it is committed.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import cast
from urllib.parse import parse_qs, urlsplit

from archive.model.errors import GongkaiError, WarcError
from archive.model.url import canonical
from archive.warc.cdxj import CdxRow, without_retried
from archive.warc.reader import file_of

_MAX_QUERY = 16 * 1024
_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Where the captures are found: of one canonical URL, and of all that begin with a
    prefix; oldest first.
    """

    at: Callable[[str], Sequence[CdxRow]]
    under: Callable[[str], Sequence[CdxRow]]


@contextmanager
def cdx_service(folder: Path, lookup: Lookup) -> Iterator[str]:
    """Serves the captures whose records lie in `folder`, on a port of the loopback that nobody
    else uses, for as long as the block lasts; gives the URL of the service.
    """
    server = _Server(lambda query: _answer(folder, lookup, query))
    thread = Thread(target=server.serve_forever, name="cdx", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/cdx"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/cdx" or len(parts.query) > _MAX_QUERY:
            self.send_error(404)
            return
        try:
            body = cast(_Server, self.server).answer(parts.query).encode()
        except GongkaiError:
            self.send_error(500)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/x-cdxj")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the parent
        """Nothing: the engine that asks keeps the log."""


def _answer(folder: Path, lookup: Lookup, query: str) -> str:
    parameters = parse_qs(query)
    url = canonical(parameters.get("url", [""])[0])
    if url is None:
        return ""
    match parameters.get("matchType", ["exact"])[0]:
        case "exact":
            rows = [row for each in _schemes(url) for row in lookup.at(each)]
        case "prefix":
            rows = [row for each in _schemes(url) for row in lookup.under(each)]
        case "host" | "domain":
            root = canonical("/".join(url.split("/")[:3])) or url
            rows = [row for each in _schemes(root) for row in lookup.under(each)]
        case _:
            rows = []
    shown = without_retried(list(_where_they_lie(folder, rows)))
    return "".join(sorted(row.line() for row in shown))


def _schemes(url: str) -> tuple[str, str]:
    """A URL under both http and https, whichever was captured."""
    scheme, _, rest = url.partition(":")
    return url, f"{'http' if scheme == 'https' else 'https'}:{rest}"


def _where_they_lie(folder: Path, rows: Iterable[CdxRow]) -> Iterator[CdxRow]:
    """Under the name that a file has now: with `.open` while it grows. What lies in a missing
    file cannot be shown; `verify` reports it.
    """
    names: dict[str, str | None] = {}
    for row in rows:
        if row.filename not in names:
            names[row.filename] = _present_name(folder, row.filename)
        present = names[row.filename]
        if present is not None:
            yield replace(row, filename=present)


def _present_name(folder: Path, name: str) -> str | None:
    try:
        return file_of(folder, name).name
    except WarcError:
        return None
