"""A bundle in replayweb.page, in Chromium: the player that most people who get one will use.

Its files come from npm (`npm pack replaywebpage`, unpacked; GONGKAI_TEST_PLAYER names the folder)
and are no part of the project.
"""

import functools
import http.server
import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import Page, sync_playwright

from crawler.browser.launch import find_chromium
from tests.journeys.test_requisites import portal_of
from tests.support.bundle import FILE, LIST, REPORT, TITLE, Wacz, index_of
from tests.support.command import Gongkai
from tests.support.rawserver import raw_server

PAGE = """<!doctype html><script src="ui.js"></script>
<replay-web-page style="display:block;height:90vh" source="x.wacz" url="{url}" ts="{stamp}"
 replayBase="/replay/" embed="default"></replay-web-page>"""
FETCH = """async (path) => {
  const answer = await fetch(path); const body = await answer.arrayBuffer();
  return Array.from(new Uint8Array(body)); }"""

WIDTHS = """Object.fromEntries(Array.from(document.images)
  .filter(image => !image.getAttribute("src").startsWith("data:"))
  .map(image => [/[a-z0-9]+\\.png/.exec(image.getAttribute("src"))[0], image.naturalWidth]))"""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Serves parts of files, as the format asks of whoever publishes one."""

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        path = Path(self.translate_path(self.path))
        if asked is None or not path.is_file():
            super().do_GET()
            return
        content = path.read_bytes()
        first = int(asked[1]) if asked[1] else max(0, len(content) - int(asked[2]))
        last = int(asked[2]) if asked[1] and asked[2] else len(content) - 1
        part = content[first : last + 1]
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def player() -> Path:
    folder = Path(os.environ.get("GONGKAI_TEST_PLAYER") or "nowhere")
    if not (folder / "sw.js").is_file():
        pytest.skip("replayweb.page is not here (npm pack replaywebpage; GONGKAI_TEST_PLAYER)")
    return folder


@pytest.fixture
def site(player: Path, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    folder = tmp_path / "site"
    (folder / "replay").mkdir(parents=True)
    # Its first page lies there as a file too: a frame that opens before the worker is in charge asks
    # the server, and would stay with that answer for ever (a list of files, here).
    for name in ("ui.js", "replay/ui.js", "replay/sw.js", "replay/index.html"):
        (folder / name).write_bytes((player / Path(name).name).read_bytes())
    serving = functools.partial(Ranges, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), serving) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.fixture
def browser_page() -> Iterator[Page]:
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("Chromium is not here")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=str(chromium), args=arguments)
        yield browser.new_page()
        browser.close()


def key_in(folder: Path) -> str:
    path = folder / "key.pem"
    key = ec.generate_private_key(ec.SECP384R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return str(path)


def test_a_night_opens_in_the_player(
    wacz: Wacz, url: str, site: tuple[Path, str], browser_page: Page, tmp_path: Path
) -> None:
    """A GBK page kept as a 304, its table, a list, the attached file; the signature is good."""
    folder, base = site
    bundle = wacz("--run", "2", "--key", key_in(tmp_path))
    bundle.rename(folder / "x.wacz")
    index = index_of(folder / "x.wacz")
    stamps = {(f["url"].removeprefix(url), f["mime"]): stamp for _, stamp, f in index}
    shown = opened(browser_page, base, folder, url + REPORT, stamps[REPORT, "warc/revisit"])
    assert TITLE in shown
    assert "申请\t3" in shown
    assert TITLE in opened(browser_page, base, folder, url + LIST, stamps[LIST, "text/html"])
    frame = next(frame for frame in browser_page.frames if "/replay/w/" in frame.url)
    collection = re.search(r"/replay/w/([^/]+)/", frame.url)[1]
    # Scripts of a replayed page are led back into the archive; the player's own are not.
    own = next(frame for frame in browser_page.frames if "/replay/?" in frame.url)
    stored = own.evaluate(
        FETCH, f"/replay/w/{collection}/{stamps[LIST, 'text/html']}id_/{url}{FILE}"
    )
    assert bytes(stored).startswith(b"PK\x03\x04")
    told = own.evaluate(
        "async (path) => await (await fetch(path)).json()", f"/replay/w/api/c/{collection}?all=1"
    )
    assert told["verify"]["numValid"] == 1  # the signature; hashes it checks only where told to
    assert told["verify"]["publicKey"]


def test_a_page_of_a_bundle_by_url_looks_as_it_did(
    tmp_path: Path, site: tuple[Path, str], browser_page: Page
) -> None:
    """Its style sheet, the one imported there, and its images come along; one is redirected."""
    folder, base = site
    gongkai = Gongkai(tmp_path / "home")
    with raw_server() as server, raw_server() as cdn:
        portal_of(server, cdn)
        gongkai.crawl(f"{server.url}/index.html", "--requisites")
    report = f"{server.url}/2.html"
    gongkai.run("wacz", "-o", str(folder / "x.wacz"), report)
    stamp = next(stamp for _, stamp, f in index_of(folder / "x.wacz") if f["url"] == report)
    shown = opened(browser_page, base, folder, report, stamp)
    assert "第2镇主动公开政府信息14条" in shown
    frame = next(frame for frame in browser_page.frames if "mp_/" in frame.url)
    frame.wait_for_function("Array.from(document.images).every(image => image.complete)")
    assert frame.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 90, 0)"
    assert frame.evaluate(WIDTHS) == {
        "2.png": 40, "logo.png": 40, "cdn.png": 40, "moved.png": 40, "huge.png": 0, "missing.png": 0,
    }  # fmt: skip


def opened(page: Page, base: str, folder: Path, url: str, stamp: str) -> str:
    """The text of a page as the player shows it."""
    (folder / "index.html").write_text(PAGE.format(url=url, stamp=stamp), encoding="utf-8")
    page.goto(f"{base}/index.html")
    for _ in range(240):
        page.wait_for_timeout(500)
        for frame in page.frames:
            if "mp_/" in frame.url and (text := frame.inner_text("body").strip()):
                return text
    return ""
