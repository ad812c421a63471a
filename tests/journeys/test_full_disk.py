"""A disk that is full ends the crawl in one line, and costs nothing that was stored."""

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.test_kill import check_everything_once, check_warcs
from tests.support.command import Gongkai
from tests.support.site import site_of


def test_a_full_disk_ends_in_order_and_the_same_command_goes_on(gongkai: Gongkai) -> None:
    """No file may grow beyond 1 MiB: what a quota or a full disk looks like to a writer."""

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))

    with site_of(1200) as site:
        process = gongkai.start(
            "crawl", site.entry, "--delay", "0", "--concurrency", "8", preexec_fn=small_disk
        )
        out, err = process.communicate(timeout=100)
        assert process.returncode == 4, out + err
        assert "Traceback" not in err
        said = [line for line in err.splitlines() if line.startswith("gongkai:")]
        assert len(said) == 1, err
        gongkai.crawl(site.entry, "--concurrency", "8")
        check_everything_once(gongkai, site)
        check_warcs(gongkai)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of its own, in memory."""
    folder.mkdir()
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("only root mounts a disk")
    size = f"size={megabytes}m"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def test_a_disk_that_fills_ends_the_run_before_it_is_full(gongkai: Gongkai) -> None:
    """A real disk, which somebody else fills while the crawl is at work."""
    started = gongkai.environment() | {"GONGKAI_MIN_FREE_GB": "0.015"}
    with site_of(120, pause_s=0.1) as site, small_disk(gongkai.home, 60):
        ballast = gongkai.home / "ballast"
        gongkai.environment = lambda: started  # type: ignore[method-assign]  # of this one
        process = gongkai.begin("crawl", site.entry, "--delay", "0", "--concurrency", "4")
        while len(site.requests) < 30:
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        room = shutil.disk_usage(gongkai.home).free
        ballast.write_bytes(bytes(room - 14_000_000))
        out, err = process.communicate(timeout=60)
        assert process.returncode == 4, out + err
        told = [line for line in err.splitlines() if line.startswith("gongkai:")]
        assert len(told) == 1, err
        assert (
            "must stay (GONGKAI_MIN_FREE_GB): make room and run the same command again" in told[0]
        )
        [run] = gongkai.rows("runs")
        assert (run["status"], run["verdict"]) == ("interrupted", "interrupted"), run
        left = {row["state"] for row in gongkai.rows("frontier")}
        assert left == {"pending"}, "what was kept is recorded"
        ballast.unlink()
        gongkai.crawl(site.entry, "--concurrency", "8")
        check_everything_once(gongkai, site)
        check_warcs(gongkai)


@pytest.mark.parametrize(
    ("folder", "line"),
    [("runs", "the report of this run: "), ("seals", "this run is not sealed: ")],
)
def test_a_night_whose_seal_or_report_the_disk_refuses_is_not_good(
    gongkai: Gongkai, folder: str, line: str
) -> None:
    gongkai.home.mkdir()
    (gongkai.home / folder).write_text("no folder, and root cannot write below it, either")
    with site_of(6) as site:
        told = gongkai.crawl(site.entry, status=1)
    assert f"warning: {line}" in gongkai.stderr
    assert told["verdict"] == "good", "the portals were crawled well"
    assert [row["verdict"] for row in gongkai.rows("runs")] == ["good"]
