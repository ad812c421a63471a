"""Style sheets and images of reports: once a portal, politely, behind everything else, and only
where they are switched on.
"""

import json
import os
import signal
import struct
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from archive.work.preservation import pywb_engine
from tests.journeys.test_rebuild import lose_ledger, without_rows
from tests.journeys.test_size import unasked_for
from tests.support.bundle import InProcess, index_of
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page, raw_server
from tests.work.preservation.test_replay import free_port, get

REPORTS = 3
HUGE = 11 * 1024 * 1024
SHEET = """/* url(/css/commented.png) */ @import "more.css";
body { background: #cde url('../img/back.png') }
@font-face { font-family: x; src: url(x.woff2) }
h1 { color: rgb(0, 90, 0) }"""


def png(red: int) -> bytes:
    """A square of one colour."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    rows = (b"\0" + bytes([red, 0, 0]) * 40) * 40
    head = struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def served_as(media_type: str, body: bytes | str) -> bytes:
    return page(body, headers='ETag: "1"\r\n').replace(b"text/html", media_type.encode(), 1)


def portal_of(server: RawServer, cdn: RawServer) -> None:
    head = (
        '<html><head><meta charset="utf-8"><title>{0}</title><link href="/css/site.css" REL="StyleSheet">'
        '<link rel="icon" href="/favicon.ico"><script src="/js/a.js"></script></head><body>'
        '<img src="/img/logo.png">'
    )
    items = "".join(
        f'<li><a href="/{n}.html">第{n}镇2020年政府信息公开工作年度报告</a><span>2021-01-0{n}</span></li>'
        for n in range(1, REPORTS + 1)
    )
    listing = f'{head.format("政府信息公开年报")}<ul class="list">{items}</ul></body></html>'
    server.answers = {"/index.html": page(listing)}
    for n in range(1, REPORTS + 1):
        title = f"第{n}镇2020年政府信息公开工作年度报告"
        text = f"<p>2020年，第{n}镇主动公开政府信息{n * 7}条，收到政府信息公开申请{n}件。</p>" * 4
        server.answers[f"/{n}.html"] = page(
            f'{head.format(title)}<h1>{title}</h1><div id="zoom">{text}<img src="img/{n}.png">'
            f'<img src="img/logo.png#x"><img src="{cdn.url}/cdn.png"><img src="/img/huge.png">'
            '<img src="/img/missing.png"><img src="/img/moved.png"><img src="data:image/png;base64,AA"></div></body></html>'
        )
        server.answers[f"/img/{n}.png"] = served_as("image/png", png(50 * n))
    server.answers |= {
        "/css/site.css": served_as("text/css", SHEET),
        "/css/more.css": served_as("text/css", '@import "third.css"; p { margin: url(no.png) }'),
        "/img/back.png": served_as("image/png", png(250)),
        "/img/logo.png": served_as("image/png", png(1)),
        "/img/moved.png": b"HTTP/1.1 302 Found\r\nLocation: /img/1.png\r\nContent-Length: 0\r\n\r\n",
        "/img/huge.png": unasked_for(HUGE).replace(b"text/html", b"image/png"),
    }
    cdn.answers = {"/cdn.png": served_as("image/png", png(9))}


SHOWN = {
    "/css/site.css", "/css/more.css", "/img/back.png", "/img/logo.png", "/img/huge.png",
    "/img/missing.png", "/img/moved.png", *(f"/img/{n}.png" for n in range(1, REPORTS + 1)),
}  # fmt: skip
PAGES = {"/robots.txt", "/index.html", *(f"/{n}.html" for n in range(1, REPORTS + 1))}


@pytest.fixture
def cdn() -> Iterator[RawServer]:
    with raw_server() as running:
        yield running


def counts(server: RawServer) -> dict[str, int]:
    return {path: len(requests) for path, requests in server.requests.items()}


def test_each_is_fetched_once_behind_the_reports_and_rests_from_then_on(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    portal_of(server, cdn)
    entry = f"{server.url}/index.html"
    done = gongkai.crawl(entry, "--requisites")
    assert counts(server) == dict.fromkeys(PAGES | SHOWN, 1)
    assert counts(cdn) == dict.fromkeys(("/robots.txt", "/cdn.png"), 1)
    order = list(server.requests)
    assert set(order[: len(PAGES)]) >= PAGES - {f"/{REPORTS}.html"}, "reports come first"
    assert (done["verdict"], sum(done["outcomes"].values())) == ("good", REPORTS + 1)
    ended = {row["url"].rsplit("/", 1)[1] for row in gongkai.rows("outcomes")}
    assert ended == {"robots.txt", "index.html", *(f"{n}.html" for n in range(1, REPORTS + 1))}
    assert len(gongkai.rows("documents")) == REPORTS + 1
    kept = {row["url"].rsplit("/", 1)[1]: row["outcome"] for row in gongkai.rows("captures")}
    assert (kept["site.css"], kept["missing.png"], kept["cdn.png"]) == ("new", "gone", "new")
    assert f"larger than the limit of {10 * 1024**2}" in gongkai.run(
        "history", f"{server.url}/img/huge.png"
    )

    gongkai.ahead = timedelta(days=1)
    gongkai.crawl(entry, "--requisites")
    assert {path: counts(server)[path] for path in SHOWN} == dict.fromkeys(SHOWN, 1)
    gongkai.ahead = timedelta(days=110)
    gongkai.crawl(entry, "--requisites", "--full")
    assert b'If-None-Match: "1"' in server.requests["/css/site.css"][1]
    assert {counts(server)[path] for path in SHOWN} == {2}
    assert len(gongkai.rows("documents")) == REPORTS + 1
    gongkai.run("verify")
    made = gongkai.run("wacz", "-o", str(gongkai.home / "all.wacz"))
    assert f"{REPORTS} pages and 1 extra page" in made
    bundles_have_what_their_pages_show(gongkai, server, cdn)


def bundles_have_what_their_pages_show(gongkai: Gongkai, server: RawServer, cdn: RawServer) -> None:
    """However the pages were chosen: the second night saw the list alone, and nothing that it shows;
    the last one found all unchanged.
    """
    report, here = f"{server.url}/2.html", InProcess(gongkai.home)
    of_list = {"/css/site.css", "/css/more.css", "/img/back.png", "/img/logo.png"}
    of_report = {*of_list, "/img/moved.png", "/img/1.png", "/img/2.png"}
    last = f"{datetime.now(UTC).date() + timedelta(days=100)}"
    for chosen, shown in (
        ([report], {"/2.html", *of_report}),
        (["--query", "第2镇", "--to", last], {"/2.html", *of_report}),
        (["--run", "2"], {"/index.html", *of_list}),
        (["--from", last, report], {"/2.html", *of_report}),
    ):
        path = gongkai.home / "some.wacz"
        made = json.loads(here.run("wacz", "-o", str(path), *chosen, "--json"))
        found = {fields["url"] for _, _, fields in index_of(path)}
        cdns = {f"{cdn.url}/cdn.png"} if "/2.html" in shown else set()
        assert (
            found - {f"{server.url}/robots.txt"} == {f"{server.url}{each}" for each in shown} | cdns
        )
        assert made["shown"] >= len(shown | cdns) - 1
        assert "1 file: 0 errors" in here.run("verify", str(path))


def test_a_ledger_made_again_without_rows_knows_them_from_pages(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    portal_of(server, cdn)
    gongkai.crawl(f"{server.url}/index.html", "--requisites")
    before = {row["key"]: row["role"] for row in gongkai.rows("page")}
    ended = {(row["url"], row["outcome"]) for row in gongkai.rows("outcomes")}
    without_rows(gongkai, slice(None))
    lose_ledger(gongkai)
    gongkai.run("rebuild")
    after = {row["key"]: row["role"] for row in gongkai.rows("page")}
    shown = {key for key, role in before.items() if role == "requisite"}
    assert shown
    assert {key for key, role in after.items() if role == "requisite"} == shown & set(after)
    assert {(row["url"], row["outcome"]) for row in gongkai.rows("outcomes")} <= ended
    assert len(gongkai.rows("documents")) == REPORTS + 1


def test_switched_off_nothing_is_asked_for_also_of_what_waits(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    portal_of(server, cdn)
    entry = f"{server.url}/index.html"
    gongkai.home.mkdir()
    (gongkai.home / "portals.toml").write_text(
        f'[p]\nname = "p"\nentries = ["{entry}"]\nrequisites = true\n'
    )
    gongkai.crawl("p", "--no-requisites")
    assert counts(server) == dict.fromkeys(PAGES, 1)
    assert not cdn.requests
    gongkai.crawl("p", "--full", "--max-pages", "6")  # unchanged pages are looked at too
    some = SHOWN & set(server.requests)
    assert 0 < len(some) < len(SHOWN), "what waits is wanted by the next run"
    gongkai.crawl("p", "--no-requisites", "--full")
    assert SHOWN & set(server.requests) == some
    gongkai.crawl("p", "--full")
    assert set(server.requests) >= SHOWN


def test_pauses_are_kept_and_a_kill_in_between_asks_nothing_twice(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    portal_of(server, cdn)
    crawl = ("crawl", f"{server.url}/index.html", "--requisites", "--delay", "0.3", "--json")
    process = gongkai.begin(*crawl)
    while "/css/site.css" not in server.requests:
        time.sleep(0.02)
        assert process.poll() is None
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert json.loads(gongkai.run(*crawl))["verdict"] == "good"
    asked = counts(server)
    robots = asked.pop("/robots.txt")
    assert set(asked) | {"/robots.txt"} == PAGES | SHOWN
    assert sum(asked.values()) <= len(asked) + 1, "only what was under way"
    assert all(after - before > 0.29 for before, after in pairwise(server.at)), robots


def test_a_snapshot_shows_its_style_sheet_and_images(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    if not (pywb_engine._ENVIRONMENT / "bin" / "wayback").exists():
        pytest.skip("pywb is not here (.venv-replay, made by `make setup`)")
    portal_of(server, cdn)
    gongkai.crawl(f"{server.url}/index.html", "--requisites")
    port = free_port()
    process = gongkai.start("replay", "--port", str(port))
    try:
        assert process.stdout.readline()
        for url in (f"{server.url}/css/more.css", f"{server.url}/img/2.png", f"{cdn.url}/cdn.png"):
            response, _ = get(port, f"/archive/2026id_/{url}")
            assert response.status == 200, url
        _, sheet = get(port, f"/archive/2026cs_/{server.url}/css/site.css")
        assert b"/img/back.png" in sheet
        _, shown = get(port, f"/archive/2026mp_/{server.url}/2.html")
        assert f"im_/{server.url}/img/logo.png".encode() in shown
    finally:
        process.terminate()
        process.communicate(timeout=20)


def test_an_image_that_is_attached_later_is_read_as_a_file(
    gongkai: Gongkai, server: RawServer, cdn: RawServer
) -> None:
    portal_of(server, cdn)
    gongkai.crawl(f"{server.url}/index.html", "--requisites")
    sealed = gongkai.rows("outcomes")
    item = '<li><a href="/img/1.png">第9镇2020年政府信息公开工作年度报告</a></li></ul>'
    before = server.answers["/index.html"].partition(b"\r\n\r\n")[2]
    server.answers["/index.html"] = page(before.replace(b"</ul>", item.encode()))
    gongkai.crawl(f"{server.url}/index.html")
    assert f"{server.url}/img/1.png" in {row["url"] for row in gongkai.rows("documents")}
    assert gongkai.rows("outcomes")[: len(sealed)] == sealed, "what ended stays as it was sealed"
