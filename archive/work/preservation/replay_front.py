"""The replay's front: the server that people and their tools talk to, before the engine.

It shows a first page, answers CDX queries, refuses what is withdrawn, sends raw captures from their
records, and passes everything else on to the engine. Each answer has the length that its body has:
of a capture that was cut short the engine announces what the portal had announced, and the client
would wait for the rest.
"""

import http.client
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from threading import Thread
from typing import Final, cast
from urllib.parse import parse_qs, quote, urlsplit

from archive.model.errors import GongkaiError, UsageError
from archive.model.url import canonical
from archive.warc.folder import WarcFolder
from archive.work import clock
from archive.work.preservation.cdx_query import CdxQuery, nearest_to
from archive.work.preservation.cdx_service import MAX_QUERY, Lookup, cdx_answer
from archive.work.preservation.pywb_engine import cannot_listen
from archive.work.preservation.raw_snapshot import raw_snapshot

MAX_BODY: Final = 16 * 1024 * 1024
"""Bytes of a request's body that are passed on."""

_MEASURED: Final = 8 * 1024 * 1024  # of an answer, before it is sent in chunks
_PIECE: Final = 256 * 1024
_LINES: Final = 500
_TIMEOUT_S: Final = 30.0
_ENGINE_TIMEOUT_S: Final = 300.0
# RFC 9110 section 7.6.1: they mean one connection.
_HOP_BY_HOP: Final = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_FOLDED = re.compile(r"[\r\n\0]+[ \t]*")
_PRINTABLE: Final = "".join(map(chr, range(0x21, 0x7F)))
# TIMESTAMP and a modifier of pywb (mp_, id_ …), then the URL.
_SNAPSHOT: Final = re.compile(r"(?:(\d{0,14})([a-z]{2,5}_)?/)?(.*)", re.DOTALL)
_SCHEME: Final = re.compile(r"https?:", re.IGNORECASE)
_MIN_STAMP: Final = 4
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """What the front answers with.

    collection: first part of every path. folder: where the WARC files lie. first_page: makes the
    HTML of the first page. why_withdrawn: the reason why what is shown of a canonical URL at an
    instant is out of public view, None where it is not.
    """

    collection: str
    folder: WarcFolder
    lookup: Lookup
    first_page: Callable[[], str]
    why_withdrawn: Callable[[str, datetime], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An engine at work, and the port of the front before it."""

    process: subprocess.Popen[bytes]
    port: int


@contextmanager
def replay_front(front: Front, *, host: str, port: int, behind: int) -> Iterator[int]:
    """Serves the front for as long as the block lasts, with the engine on port `behind` of the
    loopback; gives the port that it took. CannotRunError: the port cannot be listened on.
    """
    try:
        server = _Server((host, port), front, behind)
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    thread = Thread(target=server.serve_forever, name="replay", daemon=True)
    thread.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, place: tuple[str, int], front: Front, behind: int) -> None:
        super().__init__(place, _Handler)
        self.front = front
        self.behind = behind


class _Handler(BaseHTTPRequestHandler):
    timeout = _TIMEOUT_S
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024

    def do_GET(self) -> None:
        front, parts = self._server.front, urlsplit(self.path)
        root = f"/{front.collection}"
        if parts.path in ("/", root, f"{root}/"):
            self._send(200, "text/html", front.first_page().encode())
        elif parts.path == f"{root}/find":
            typed = parse_qs(parts.query).get("url", [""])[0].strip()
            self._redirect(f"{root}/*/{quote(typed, safe=_PRINTABLE)}" if typed else f"{root}/")
        elif parts.path == f"{root}/cdx":
            self._answer_cdx(parts.query)
        else:
            self._answer_snapshot()

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_POST(self) -> None:
        self._pass_on()

    def do_OPTIONS(self) -> None:
        self._pass_on()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by the parent
        """Nothing: the engine keeps the log."""

    @property
    def _server(self) -> _Server:
        return cast(_Server, self.server)

    def _answer_snapshot(self) -> None:
        """Refuses a withdrawn one, sends a raw one that is whole in its record, and leaves the rest
        to the engine, which never learns of a withdrawn one.
        """
        front, asked = self._server.front, _snapshot(self.path, self._server.front.collection)
        reason = front.why_withdrawn(asked.url, asked.at) if asked else None
        if reason is not None:
            told = f"This page is withdrawn from public view: {reason}\n"
            self._send(451, "text/plain", told.encode())
        elif asked is None or not asked.is_raw or not self._send_raw(asked):
            self._pass_on()

    def _send_raw(self, asked: "_Snapshot") -> bool:
        """Whether the capture could be sent from its record."""
        front, host = self._server.front, self.headers.get("Host")
        if host is None or "Range" in self.headers or "X-Forwarded-Proto" in self.headers:
            return False
        query = CdxQuery(url=asked.url, closest=asked.at, limit=1)
        prefix = f"http://{host}/{front.collection}/"
        row = next(iter(front.lookup(query)), None)
        accepted = self.headers.get("Accept-Encoding", "")
        found = raw_snapshot(front.folder, row, prefix, accepted=accepted) if row else None
        if found is None:
            return False
        self.send_response_only(200, "OK")
        for name, value in found.headers:
            self.send_header(name, _FOLDED.sub(" ", value))
        self.send_header("Date", self.date_time_string())
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(found.body)
        return True

    def _answer_cdx(self, query: str) -> None:
        front = self._server.front
        if len(query) > MAX_QUERY:
            self._send(414, "text/plain", b"the query is too long\n")
            return
        try:
            lines = cdx_answer(front.folder, front.lookup, query)
        except UsageError as error:
            self._send(400, "text/plain", f"{error}\n".encode())
        except GongkaiError as error:
            self._send(503, "text/plain", f"{error}\n".encode())
        else:
            self.send_response(200)
            self.send_header("Content-Type", "text/x-cdxj; charset=utf-8")
            self.send_header("Access-Control-Allow-Origin", "*")
            batches = iter(lambda: "".join(islice(lines, _LINES)).encode(), b"")
            self._send_pieces(batches)

    def _pass_on(self) -> None:
        """Asks the engine, and sends its answer with the length that its body has."""
        if (body := self._request_body()) is None:
            return
        asked = http.client.HTTPConnection(
            "127.0.0.1", self._server.behind, timeout=_ENGINE_TIMEOUT_S
        )
        try:
            asked.putrequest(self.command, _in_ascii(self.path), skip_host=True,
                             skip_accept_encoding=True)  # fmt: skip
            for name, value in self.headers.items():
                if name.lower() not in _HOP_BY_HOP:
                    asked.putheader(name, value.encode("latin-1", "replace"))
            # It ends the connection behind the body then, whatever length it announced.
            asked.putheader("Connection", "close")
            asked.endheaders(body or None)
            self._send_on(asked.getresponse())
        except (http.client.HTTPException, TimeoutError, ConnectionError) as error:
            self.close_connection = True
            self._send(502, "text/plain", f"pywb gave no answer: {error!r}\n".encode())
        finally:
            asked.close()

    def _request_body(self) -> bytes | None:
        """What the client sent; None when it was refused."""
        announced = self.headers.get("Content-Length", "0")
        length = int(announced) if announced.isdecimal() and len(announced) < 12 else -1
        if "Transfer-Encoding" in self.headers or not 0 <= length <= MAX_BODY:
            self.close_connection = True
            self._send(413, "text/plain", b"the body is too long, or has no length\n")
            return None
        return self.rfile.read(length)

    def _send_on(self, response: http.client.HTTPResponse) -> None:
        self.send_response_only(response.status, response.reason)
        bodiless = self.command == "HEAD" or response.status in (204, 304)
        for name, value in response.getheaders():
            if name.lower() in _HOP_BY_HOP or (name.lower() == "content-length" and not bodiless):
                continue
            self.send_header(name, _FOLDED.sub(" ", value))
        if bodiless:
            self.end_headers()
            return
        begin = response.read(_MEASURED)
        if len(begin) < _MEASURED:
            self.send_header("Content-Length", str(len(begin)))
            self.end_headers()
            self.wfile.write(begin)
            return
        rest = iter(lambda: response.read(_PIECE), b"")
        self._send_pieces(piece for some in ((begin,), rest) for piece in some)

    def _send_pieces(self, pieces: Iterable[bytes]) -> None:
        """A body whose length nobody knows yet: in chunks, or up to the connection's end."""
        chunked = self.request_version == "HTTP/1.1"
        self.send_header(
            *(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close"))
        )
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in pieces:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _redirect(self, place: str) -> None:
        self.send_response(302)
        self.send_header("Location", place)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", _POLICY)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Snapshot:
    """A snapshot that is asked for: the canonical URL, the instant, and whether as captured."""

    url: str
    at: datetime
    is_raw: bool


def _snapshot(path: str, collection: str) -> _Snapshot | None:
    """What a path asks for; None where it asks for something else."""
    begin, path = f"/{collection}/", _in_ascii(path)
    if not path.startswith(begin):
        return None
    stamp, modifier, url = _SNAPSHOT.fullmatch(path.removeprefix(begin)).groups("")  # type: ignore[union-attr]  # fits all
    whole = canonical(url if _SCHEME.match(url) else f"http://{url}")
    if whole is None:
        return None
    at = nearest_to(stamp) if len(stamp) >= _MIN_STAMP else clock.now()
    return _Snapshot(url=whole, at=at, is_raw=modifier == "id_")


def _in_ascii(path: str) -> str:
    """A path as it may be sent on: bytes beyond ASCII, which some clients send, percent-encoded."""
    return path if path.isascii() else quote(path.encode("latin-1"), safe=_PRINTABLE)
