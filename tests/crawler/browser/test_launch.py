"""The browser's start and end: what it may take, and what it leaves."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from playwright.async_api import Error as PlaywrightError

from crawler.browser.launch import ChromiumProvider, kill, memory_bytes, processes, sweep
from tests.support.browser_portal import running

CONFIG = SimpleNamespace(browser_type_name="chromium", cdp_url=None, connect_url=None)
GREEDY = "() => { window.kept = []; for (let i = 0; i < 40; i++) kept.push('x'.repeat(1 << 20)"
GREEDY += ".split('')); return kept.length; }"


def test_a_browser_has_no_network_a_measured_size_and_leaves_nothing(chromium: str) -> None:
    async def live() -> tuple[int, int, Path]:
        provider = ChromiumProvider(CONFIG)
        await provider.start()
        browser = await provider.launch_browser()
        page = await browser.new_page()
        folder = provider.folder
        assert folder is not None
        small = memory_bytes(folder)
        await page.evaluate(GREEDY)
        large = memory_bytes(folder)
        with running({}) as portal, pytest.raises(PlaywrightError, match="ERR_"):
            await page.goto(portal.url)
        assert portal.requests == []
        assert processes(folder)
        kill(folder)
        await provider.close()
        deadline = time.monotonic() + 5
        while processes(folder) and time.monotonic() < deadline:  # noqa: ASYNC110 - time passes
            await asyncio.sleep(0.05)
        assert not processes(folder)
        return small, large, folder

    small, large, folder = asyncio.run(live())
    assert large > small + 50_000_000 > 50_000_000
    assert not folder.exists()


def test_folders_of_killed_crawls_are_removed_and_those_of_living_ones_kept() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    left = Path(f"/tmp/gongkai-browser-{ended.pid}-test")
    mine = Path(f"/tmp/gongkai-browser-{os.getpid()}-test")
    left.mkdir()
    mine.mkdir()
    try:
        sweep()
        assert not left.exists()
        assert mine.exists()
    finally:
        shutil.rmtree(mine)
