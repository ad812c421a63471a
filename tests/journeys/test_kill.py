"""Killed at any instant, nothing is lost and nothing is doubled."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.command import Gongkai
from tests.support.site import Site, site_of

REPORTS = 150


def children_of(pid: int) -> set[int]:
    """Every process below `pid`."""
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found |= {int(entry.name)} | children_of(int(entry.name))
    return found


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def kill_after(gongkai: Gongkai, arguments: list[str], seconds: float) -> int | None:
    """Starts the crawl and kills its main process alone; the exit status when it was quicker."""
    process = gongkai.start(*arguments)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        below = children_of(process.pid)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        deadline = time.monotonic() + 5
        while any(is_running(pid) for pid in below) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not [pid for pid in below if is_running(pid)], "something lived on"
        return None
    return process.returncode


def check_everything_once(gongkai: Gongkai, site: Site) -> None:
    versions = Counter(row["url"] for row in gongkai.rows("versions"))
    paths = {url.split("/", 3)[3] for url in versions}
    assert paths == {path.lstrip("/") for path in site.pages}
    assert set(versions.values()) == {1}
    outcomes = Counter((row["run"], row["url"]) for row in gongkai.rows("outcomes"))
    assert set(outcomes.values()) == {1}
    assert {row["outcome"] for row in gongkai.rows("outcomes")} <= {"new", "gone"}


def check_warcs(gongkai: Gongkai) -> None:
    files = sorted((gongkai.home / "warc").glob("*.warc*"))
    assert files
    assert not [file for file in files if file.suffix == ".open"]
    binaries = Path(sys.executable).parent
    for file in files:
        for command in (
            ["gzip", "-t", file],
            [binaries / "warcio", "check", file],
            [binaries / "fastwarc", "check", "-q", file],
        ):
            done = subprocess.run(command, check=False, capture_output=True, text=True)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"


def test_ten_kills_lose_nothing_and_double_nothing(gongkai: Gongkai) -> None:
    chance = random.Random(20261122)
    with site_of(REPORTS, pause_s=0.02) as site:
        crawl = ["crawl", site.entry, "--delay", "0"]
        for _ in range(10):
            if kill_after(gongkai, crawl, chance.uniform(0.2, 2.5)) is not None:
                break
        gongkai.crawl(site.entry)
        check_everything_once(gongkai, site)
        check_warcs(gongkai)
        runs = gongkai.rows("runs")
        assert [row["verdict"] for row in runs] == ["good"], "a resumed run is one run"


def test_an_interrupted_crawl_says_so_and_goes_on(gongkai: Gongkai) -> None:
    with site_of(REPORTS, pause_s=0.02) as site:
        process = gongkai.begin("crawl", site.entry, "--delay", "0")
        while len(site.requests) < 10:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        assert process.returncode == 3, out + err
        assert "interrupted" in out
        gongkai.crawl(site.entry)
        check_everything_once(gongkai, site)
        check_warcs(gongkai)


def test_a_kept_capture_is_read_from_the_archive_and_not_fetched_again(gongkai: Gongkai) -> None:
    chance = random.Random(7)
    with site_of(REPORTS, pause_s=0.005) as site:
        for _ in range(4):
            kill_after(gongkai, ["crawl", site.entry, "--delay", "0"], chance.uniform(1.2, 2.0))
        gongkai.crawl(site.entry)
        captured = Counter(row["url"].split("/", 3)[3] for row in gongkai.rows("captures"))
        assert set(captured.values()) == {1}, "what was kept was fetched again"


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_thirty_kills_over_a_larger_site(gongkai: Gongkai) -> None:
    chance = random.Random(4711)
    with site_of(1500, pause_s=0.01) as site:
        crawl = ["crawl", site.entry, "--delay", "0", "--concurrency", "4"]
        for _ in range(30):
            if kill_after(gongkai, crawl, chance.uniform(0.1, 3.0)) is not None:
                break
        gongkai.crawl(site.entry)
        check_everything_once(gongkai, site)
        check_warcs(gongkai)
