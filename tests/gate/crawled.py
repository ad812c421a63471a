"""The real pages served on loopback under an index page, crawled by the real command, and compared:
what the archive stored must be what the reader gives.
"""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from archive.model.outcome import Role
from archive.model.reading import Reading, Source
from archive.model.url import canonical
from archive.reading.read import read
from archive.store import Store
from archive.store.query import history, stored_parts
from tests.gate.material import ROOT, GoldPage
from tests.gate.score import Score
from tests.support.transactions import fetch

_INDEX = (
    '<html><head><meta charset="utf-8"><title>年报</title></head><body><ul>{}</ul></body></html>'
)


def score_crawled(score: Score, pages: list[GoldPage]) -> None:
    """Counts the pages of which the archive holds the title, lines, fields and tables as read."""
    with tempfile.TemporaryDirectory() as home, _served(pages) as (entry, urls):
        command = [sys.executable, "-m", "crawler.cli", "crawl", entry, "--delay", "0"]
        subprocess.run(
            [*command, "--concurrency", "4", "--json", "--home", home],
            cwd=ROOT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        with Store.open(home, read_only=True) as store:
            for page in pages:
                url = urls[page.key]
                role = Role.LIST if page.is_list else Role.PAGE
                wanted = read(Source(url=url, body=page.body, role=role))
                met = _stored_alike(store, url, wanted)
                score.count("stored_as_read", page.key, "the archive holds something else", met=met)


def _stored_alike(store: Store, url: str, wanted: Reading) -> bool:
    version = fetch(store, history.latest_version, url)
    if version is None:
        return False
    parts = fetch(store, stored_parts.version_parts, version.version_id)
    return (
        version.title == wanted.title
        and version.text == "\n".join(wanted.lines)
        and parts.fields == wanted.fields
        and parts.tables == wanted.tables
    )


@contextmanager
def _served(pages: list[GoldPage]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each page under its own host's name and path: dates in URLs are evidence too."""
    bodies = {_path(page): page.body for page in pages}
    items = "".join(f'<li><a href="{_path(page)}">{page.gold["title"]}</a></li>' for page in pages)
    bodies["/index.html"] = _INDEX.format(items).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = bodies.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_address[1]}"
        yield f"{root}/index.html", {page.key: _url(root, page) for page in pages}
        server.shutdown()


def _url(root: str, page: GoldPage) -> str:
    return canonical(root + _path(page)) or ""


def _path(page: GoldPage) -> str:
    parts = urlsplit(page.url)
    query = f"?{parts.query}" if parts.query else ""
    return f"/{parts.hostname}{Path(parts.path or '/page.html')}{query}"
