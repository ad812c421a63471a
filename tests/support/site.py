"""A plain site of reports on loopback: list pages with 下一页, one report an item."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_PAGE = """<html><head><meta charset="utf-8"><title>{title}</title></head><body>
<div class="nav"><a href="/">首页</a></div>{body}
<div class="footer">某ICP备05000041号</div></body></html>"""


def _list_name(number: int) -> str:
    return "/nb/index.html" if number == 0 else f"/nb/index_{number}.html"


def pages_of(reports: int, per_list: int = 20) -> dict[str, str]:
    """The whole site, by path."""
    lists = -(-reports // per_list)
    site = {}
    for number in range(lists):
        numbers = range(number * per_list, min((number + 1) * per_list, reports))
        items = "".join(
            f'<li><a href="/nb/{n}.html">第{n}镇2020年政府信息公开工作年度报告</a>'
            f"<span>2021-01-{n % 28 + 1:02}</span></li>"
            for n in numbers
        )
        following = f'<a href="{_list_name(number + 1)}">下一页</a>' if number + 1 < lists else ""
        body = f'<ul class="list">{items}</ul><div class="page">{following}</div>'
        site[_list_name(number)] = _PAGE.format(title="政府信息公开年报", body=body)
    for n in range(reports):
        title = f"第{n}镇2020年政府信息公开工作年度报告"
        text = (
            f"<p>2020年，第{n}镇主动公开政府信息{n * 7 + 1}条，收到政府信息公开申请{n}件。</p>" * 3
        )
        site[f"/nb/{n}.html"] = _PAGE.format(
            title=title, body=f'<h1>{title}</h1><div id="zoom">{text}</div>'
        )
    return site


class Site(ThreadingHTTPServer):
    """Serves the pages after a short while and counts who asked for what."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, pages: dict[str, str], pause_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = pages
        self.pause_s = pause_s
        self.requests: Counter[str] = Counter()

    @property
    def entry(self) -> str:
        """The URL of the first list page."""
        return f"http://127.0.0.1:{self.server_address[1]}/nb/index.html"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 65536  # one packet an answer: head and body apart wait 40 ms for an ACK
    server: Site

    def do_GET(self) -> None:
        self.server.requests[self.path] += 1
        time.sleep(self.server.pause_s)
        page = self.server.pages.get(self.path)
        body = (page or "not here").encode()
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def site_of(reports: int, *, pause_s: float = 0.0) -> Iterator[Site]:
    """A running site."""
    with Site(pages_of(reports), pause_s) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()
