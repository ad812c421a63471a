"""The demo portal on a socket: keep-alive, gzip, chunks, and a log of requests."""

import contextlib
import json
import socket
import threading
import time
import zlib
from dataclasses import asdict, dataclass
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from archive.work import clock
from crawler.demo.columns import HOMES, LISTS
from crawler.demo.reports import DemoReport
from crawler.demo.site import Answer, Request, Site, demo_site

_CHUNK = 4_096
_MAX_FORM = 65_536
_GZIP = 16 + zlib.MAX_WBITS
_PHRASES = {200: "OK", 301: "Moved Permanently", 304: "Not Modified", 404: "Not Found"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One line of the request log. at_s: seconds of the monotonic clock."""

    method: str
    host: str
    path: str
    status: int
    at_s: float
    user_agent: str


class DemoPortal:
    """The demo portals on 127.0.0.1, each with a known truth (`reports`).

    with DemoPortal(seed=1, per_list=5) as portal:
        crawl(portal.entries["trs"])

    changed: keys of reports that have one table cell changed. site: another site to serve, for
    the bench (see `generate_site`); it cannot be changed.
    """

    def __init__(
        self,
        seed: int = 1,
        per_list: int = 5,
        changed: set[str] | None = None,
        *,
        site: Site | None = None,
        port: int = 0,
    ) -> None:
        self._seed, self._per_list = seed, per_list
        self._changed = frozenset(changed or ())
        self._fixed = site is not None
        self.site = site or demo_site(seed, per_list, self._changed)
        self._visits: list[Visit] = []
        self._server = _Server(self, port)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def start(self) -> Self:
        """Serve from now on, in a thread of its own."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End serving and close every open connection."""
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The server's URL without a slash at its end: http://127.0.0.1:PORT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def entries(self) -> dict[str, str]:
        """The annual-report list of each portal served, by portal key."""
        return {key: self.url + LISTS[key] for key in self.site.portals}

    @property
    def homes(self) -> dict[str, str]:
        """The home page of each portal served, by portal key."""
        return {key: self.url + HOMES[key] for key in self.site.portals}

    @property
    def reports(self) -> tuple[DemoReport, ...]:
        """The truth: every page of the served portals' lists, newest first within a portal."""
        known = self.site.portals.values()
        return tuple(portal.at(n) for portal in known for n in range(portal.count))

    @property
    def visits(self) -> tuple[Visit, ...]:
        """The request log so far."""
        return tuple(self._visits)

    def change_report(self, key: str | None = None) -> str:
        """Change exactly one table cell of one report (the first 2016 one when no key is given)
        and return the report's full URL.
        """
        if self._fixed:
            raise ValueError("a given site cannot be changed: serve the demo site")
        chosen = key or next(one.key for one in self.reports if one.year == 2016)
        self._changed |= {chosen}
        self.site = demo_site(self._seed, self._per_list, self._changed)
        path = next(one.url for one in self.reports if one.key == chosen)
        return self.url + path

    def note(self, visit: Visit) -> int:
        """Enter a visit into the log; the number of visits so far."""
        self._visits.append(visit)
        return len(self._visits)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, portal: DemoPortal, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.portal = portal
        self.open_sockets: set[socket.socket] = set()

    def close_connections(self) -> None:
        for open_socket in tuple(self.open_sockets):
            with contextlib.suppress(OSError):
                open_socket.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is daily life, not a traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        self.server.open_sockets.add(self.request)
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.server.open_sockets.discard(self.request)

    def do_GET(self) -> None:
        self._answer("")

    def do_HEAD(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        length = min(int(self.headers.get("Content-Length") or 0), _MAX_FORM)
        form = self.rfile.read(length).decode("latin-1")
        if self.path.startswith("/_demo/"):
            self._control(form)
        else:
            self._answer(form)

    def log_message(self, *_: object) -> None:
        """Quiet: the portal keeps its own log."""

    def _control(self, form: str) -> None:
        """What a parent process asks its child: change a report, show the log."""
        portal = self.server.portal
        if self.path == "/_demo/change":
            content: object = portal.change_report(form or None)
        else:
            content = [asdict(visit) for visit in portal.visits]
        body = json.dumps(content).encode()
        self._send(Answer(status=200, media_type="application/json", body=body))

    def _answer(self, form: str) -> None:
        portal = self.server.portal
        request = Request(
            target=self.path,
            form=form,
            visit=len(portal.visits),
            today=clock.now().date(),
            if_none_match=self.headers.get("If-None-Match"),
            if_modified_since=self.headers.get("If-Modified-Since"),
        )
        answer = portal.site.answer(request)
        portal.note(self._visit(answer.status))
        self._send(answer)

    def _visit(self, status: int) -> Visit:
        return Visit(
            method=self.command,
            host=self.headers.get("Host") or "",
            path=self.path,
            status=status,
            at_s=time.monotonic(),
            user_agent=self.headers.get("User-Agent") or "",
        )

    def _send(self, answer: Answer) -> None:
        body, headers = answer.body, [*answer.headers]
        if answer.status != 304:
            headers.append(("Content-Type", answer.media_type))
        if body and "gzip" in (self.headers.get("Accept-Encoding") or ""):
            body = _gzipped(body)
            headers += [("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")]
        if answer.chunked and body:
            headers.append(("Transfer-Encoding", "chunked"))
            body = _chunks(body)
        elif answer.status != 304:
            headers.append(("Content-Length", str(len(body))))
        head = _head(answer.status, headers)
        self.wfile.write(head if self.command == "HEAD" else head + body)


def _head(status: int, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_PHRASES[status]}", "Server: demo", "Date: " + _date()]
    lines += [f"{name}: {value}" for name, value in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _date() -> str:
    return format_datetime(clock.now(), usegmt=True)


def _gzipped(body: bytes) -> bytes:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    return packer.compress(body) + packer.flush()


def _chunks(body: bytes) -> bytes:
    parts = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
