"""Portals on loopback that only a browser can read, and that know who asked for what, and when."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

YEARS = (2022, 2023, 2024)
TEXT = "全年主动公开政府信息{count}条，收到政府信息公开申请{count}件，均在法定期限内办结。"


@dataclass(frozen=True, slots=True)
class Answer:
    body: str
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Request:
    """One request, as the server saw it. at_once: how many were being answered then."""

    path: str
    headers: dict[str, str]
    began: float
    at_once: int
    ended: float = 0.0


Route = Callable[[Request], Answer]


class Portal(ThreadingHTTPServer):
    """Answers by path; `requests` is everything that was asked, in order."""

    daemon_threads = True

    def __init__(self, routes: dict[str, Answer | Route], address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), _Handler)
        self.routes = routes
        self.guard: Callable[[Request], Answer | None] = lambda _request: None
        self.requests: list[Request] = []
        self.busy = 0
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://{self.server_address[0]}:{self.server_address[1]}"

    def counts(self) -> Counter[str]:
        return Counter(each.path for each in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one packet an answer: head and body apart wait 40 ms for an ACK
    server: Portal

    def do_GET(self) -> None:
        server = self.server
        headers = {name.lower(): value for name, value in self.headers.items()}
        with server.lock:
            server.busy += 1
            request = Request(self.path, headers, time.monotonic(), server.busy)
            server.requests.append(request)
        answer = server.guard(request) or server.routes.get(self.path, Answer("not here", 404))
        if callable(answer):
            answer = answer(request)
        with server.lock:
            server.busy -= 1
            request.ended = time.monotonic()
        self._send(answer)

    do_POST = do_GET  # noqa: N815 - named by the parent

    def _send(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in answer.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def running(routes: dict[str, Answer | Route]) -> Iterator[Portal]:
    with Portal(routes) as portal:
        threading.Thread(target=portal.serve_forever, daemon=True).start()
        yield portal
        portal.shutdown()


def title_of(year: int) -> str:
    return f"云台县{year}年政府信息公开工作年度报告"


def paragraphs(year: int) -> str:
    return "".join(f"<p>第{n}点：{TEXT.format(count=year - 2000 + n)}</p>" for n in range(1, 5))


def report(year: int) -> Answer:
    """A report that needs no browser."""
    return Answer(
        f"<html><head><meta charset='utf-8'><title>{title_of(year)}</title></head><body>"
        f"<h1>{title_of(year)}</h1><div id='zoom'>{paragraphs(year)}</div></body></html>"
    )


def shell(script: str, root: str = "<ul id='list'></ul>") -> Answer:
    """A page whose script brings everything."""
    return Answer(
        "<html><head><meta charset='utf-8'><title>政府信息公开年报</title>"
        "<link rel='stylesheet' href='/site.css'></head><body>"
        f"<div class='nav'>云台县人民政府</div><img src='/logo.png'>{root}"
        f"<script>{script}</script></body></html>"
    )


LIST_SCRIPT = """
fetch('/api/list.json?page=1').then(function (r) { return r.json(); }).then(function (d) {
  document.getElementById('list').innerHTML = d.items.map(function (i) {
    return '<li><a href="' + i.url + '">' + i.title + '</a><span>' + i.date + '</span></li>';
  }).join('');
});
"""
BODY_SCRIPT = "document.getElementById('root').innerHTML = {};"


def scripted_portal() -> dict[str, Answer | Route]:
    """The list comes as JSON, the texts stand in scripts; the site leans on other hosts too."""
    items = [
        {"url": f"/nb/{year}.html", "title": title_of(year), "date": f"{year + 1}-01-20"}
        for year in YEARS
    ]
    listing = Answer(json.dumps({"items": items}), media_type="application/json")
    routes: dict[str, Answer | Route] = {
        "/nb/index.html": shell(LIST_SCRIPT),
        "/api/list.json?page=1": listing,
    }
    for year in YEARS:
        text = f"<h1>{title_of(year)}</h1><div id='zoom'>{paragraphs(year)}</div>"
        script = BODY_SCRIPT.format(json.dumps(text))
        routes[f"/nb/{year}.html"] = shell(script, "<div id='root'></div>")
    return routes


CHALLENGE = """<script>
var pieces = ['__jsl_', 'clearance', '=', 'open', 'sesame'];
document.cookie = pieces.slice(0, 3).join('') + pieces.slice(3).join('-') + '; path=/';
setTimeout(function () { location.href = location.pathname + location.search; }, 300);
</script>"""


@dataclass(slots=True)
class Guard:
    """A challenge before every page: 521 until the cookie that its script sets comes back."""

    passable: bool = True
    everywhere: bool = True
    met: int = field(default=0)

    def __call__(self, request: Request) -> Answer | None:
        if request.path == "/robots.txt" and not self.everywhere:
            return None
        cookie = request.headers.get("cookie", "")
        if self.passable and "__jsl_clearance=open-sesame" in cookie and "__jsluid_h=" in cookie:
            return None
        self.met += 1
        return Answer(CHALLENGE, 521, headers=(("Set-Cookie", "__jsluid_h=u1; path=/"),))


def plain_portal() -> dict[str, Answer | Route]:
    """A list and reports as they always were."""
    items = "".join(
        f"<li><a href='/nb/{y}.html'>{title_of(y)}</a><span>{y + 1}-01-20</span></li>"
        for y in YEARS
    )
    return {
        "/nb/index.html": Answer(
            "<html><head><meta charset='utf-8'><title>政府信息公开年报</title></head><body>"
            f"<ul class='list'>{items}</ul></body></html>"
        ),
        **{f"/nb/{year}.html": report(year) for year in YEARS},
    }
