"""Chromium sends nothing: no datagram, no name to look up, and it has its sandbox."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from crawler.browser import launch as browser_launch
from crawler.browser.launch import (
    FLAGS,
    NO_SANDBOX,
    ChromiumProvider,
    Fence,
    NoBrowserError,
    fences,
    processes,
)
from tests.crawler.browser.conftest import Gongkai
from tests.support.abroad import OTHER_PUBLIC, PUBLIC, crawl
from tests.support.browser_portal import plain_portal, running, scripted_portal, shell

CONFIG = SimpleNamespace(browser_type_name="chromium", cdp_url=None, connect_url=None)
UNFENCED = Fence(before=(), sandbox=os.geteuid() != 0)
LEAKS = """
  var where = '127.0.0.1:' + PORT;
  try {
    var peer = new RTCPeerConnection({iceServers: [{urls: 'stun:' + where}]});
    peer.createDataChannel('x');
    peer.createOffer().then(function (offer) { peer.setLocalDescription(offer); });
  } catch (error) { document.title = 'no peers'; }
  try {
    new WebTransport('https://' + where + '/').ready.catch(function () {});
  } catch (error) {}
  var hint = document.createElement('link');
  hint.rel = 'dns-prefetch'; hint.href = 'https://' + where + '/';
  document.head.appendChild(hint);
"""


SCRIPTED = (
    "<html><head><title>政府信息公开年报</title></head><body><ul id='list'></ul><script>"
    "fetch('http://intra.evil.gov.cn/list.html').then(function (r) { return r.text(); })"
    ".then(function (t) { document.getElementById('list').innerHTML = t; })</script></body></html>"
)


class Ear:
    """A UDP socket that counts what comes."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self.port = self._socket.getsockname()[1]

    def heard(self) -> int:
        count = 0
        while True:
            try:
                self._socket.recvfrom(2000)
            except BlockingIOError:
                return count
            count += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


async def open_page(provider: ChromiumProvider, ear: Ear) -> list[object]:
    """What a page that tries everything says of its world, a while later."""
    browser = await provider.launch_browser()
    try:
        page = await browser.new_page()
        if provider.script:
            await page.context.add_init_script(provider.script)

        async def answer(route: object) -> None:
            await route.fulfill(status=200, content_type="text/html", body="<p>页</p>")

        await page.route("**", answer)
        await page.goto("https://www.yt.gov.cn/")
        await page.evaluate(f"() => {{ {LEAKS.replace('PORT', str(ear.port))} }}")
        await page.wait_for_timeout(1000)
        said = await page.evaluate("() => [navigator.onLine, typeof RTCPeerConnection]")
        return [*said, [line_of(each.pid) for each in processes(provider.folder or Path())]]
    finally:
        await provider.close()


def line_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def visit(ear: Ear) -> list[object]:
    return asyncio.run(open_page(ChromiumProvider(CONFIG), ear))


@pytest.mark.usefixtures("chromium")
def test_the_ear_hears_a_browser_that_is_not_kept_from_sending(
    monkeypatch: pytest.MonkeyPatch, ear: Ear
) -> None:
    """What the tests below prove they prove with an ear that works."""
    flags = tuple(each for each in FLAGS if "webrtc" not in each)
    monkeypatch.setattr(browser_launch, "FLAGS", flags)
    monkeypatch.setattr(browser_launch, "NO_PEERS", "")
    monkeypatch.setattr(browser_launch, "fences", lambda: [UNFENCED])
    visit(ear)
    assert ear.heard() > 0


@pytest.mark.usefixtures("chromium")
def test_no_datagram_leaves_a_browser_in_its_namespace(ear: Ear) -> None:
    fence = next(fences())
    if not fence.without_network:
        pytest.skip("no network namespaces for us on this machine")
    is_online, peers, _ = visit(ear)
    assert ear.heard() == 0
    assert (is_online, peers) == (True, "function"), "and it looks like any other"


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("left_out", ["flag", "script", "nothing"])
def test_no_datagram_leaves_where_there_are_no_namespaces(
    monkeypatch: pytest.MonkeyPatch, ear: Ear, left_out: str
) -> None:
    """The flag and the script each suffice."""
    if left_out == "flag":
        flags = tuple(each for each in FLAGS if "webrtc" not in each)
        monkeypatch.setattr(browser_launch, "FLAGS", flags)
    if left_out == "script":
        monkeypatch.setattr(browser_launch, "NO_PEERS", "")
    monkeypatch.setattr(browser_launch, "fences", lambda: [UNFENCED])
    _, peers, _ = visit(ear)
    assert ear.heard() == 0
    assert peers == ("function" if left_out == "script" else "undefined")


@pytest.mark.usefixtures("chromium")
def test_a_crawl_sends_no_datagram_for_a_page_that_names_one(gongkai: Gongkai, ear: Ear) -> None:
    listing = plain_portal()["/nb/index.html"].body  # type: ignore[union-attr]  # it is a page
    items = listing.partition("<ul class='list'>")[2].partition("</ul>")[0].replace('"', "'")
    script = f'{LEAKS.replace("PORT", str(ear.port))} list.innerHTML = "{items}"'
    with running(plain_portal() | {"/nb/index.html": shell(script)}) as portal:
        said = gongkai.crawl(f"{portal.url}/nb/index.html")
    assert said["verdict"] == "good"
    assert gongkai.rows("select rendered from captures where url like '%index.html'")
    assert ear.heard() == 0


@pytest.mark.usefixtures("chromium")
def test_root_hands_it_to_nobody_and_it_has_its_sandbox(
    monkeypatch: pytest.MonkeyPatch, ear: Ear
) -> None:
    if os.geteuid() != 0:
        pytest.skip("we are not root")
    monkeypatch.delenv(NO_SANDBOX)
    try:
        *_, lines = visit(ear)
    except NoBrowserError as error:
        assert NO_SANDBOX in str(error)  # noqa: PT017 - a container that allows no sandbox
        return
    assert lines
    assert not [line for line in lines if "--no-sandbox" in line]


@pytest.mark.usefixtures("chromium")
def test_root_without_a_sandbox_is_told_what_to_do(
    monkeypatch: pytest.MonkeyPatch, gongkai: Gongkai, tmp_path: Path
) -> None:
    if os.geteuid() != 0:
        pytest.skip("we are not root")
    for name in ("unshare", "setpriv"):  # as on a machine that lacks them
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv(NO_SANDBOX)
    path = f"{tmp_path}:{os.environ['PATH']}"
    with running(scripted_portal()) as portal:
        said = gongkai.crawl(f"{portal.url}/nb/index.html", PATH=path, **{NO_SANDBOX: "0"})
    assert said["verdict"] == "bad"
    outcome, reason = gongkai.outcomes()["nb/index.html"]
    assert outcome == "failed"
    assert f"set {NO_SANDBOX}=1" in str(reason)


def test_without_a_word_nobody_gets_a_browser_without_a_sandbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(NO_SANDBOX, raising=False)
    assert all(fence.sandbox for fence in fences())
    monkeypatch.setenv(NO_SANDBOX, "1")
    assert not any(fence.sandbox for fence in fences())


def test_another_user_has_sandbox_and_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NO_SANDBOX, raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    works = subprocess.CompletedProcess((), 0)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_options: works)
    first, second = fences()
    assert first.before == ("unshare", "--map-current-user", "--net")
    assert (first.sandbox, second) == (True, Fence(before=(), sandbox=True))


@pytest.mark.usefixtures("chromium")
@pytest.mark.parametrize("inside", ["127.0.0.1", OTHER_PUBLIC])
def test_a_page_in_the_browser_leads_nowhere_inside(tmp_path: Path, inside: str) -> None:
    seen = crawl(
        names={"www.evil.gov.cn": PUBLIC, "intra.evil.gov.cn": inside},
        routes={"/nb/": SCRIPTED, "/list.html": "<li>名单</li>"}, home=str(tmp_path / "home"),
        args=["http://www.evil.gov.cn/nb/", "--delay", "0"],
    )  # fmt: skip
    assert seen.paths("www.evil.gov.cn").count("/nb/") == 1
    visited = seen.paths("intra.evil.gov.cn")
    assert ("/list.html" in visited) is (inside == OTHER_PUBLIC), "a public one is asked"
    assert visited or inside == "127.0.0.1"
