"""A crawl ends with a seal, signed where a key is named; what it costs when that cannot be."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from archive.work.home import Home
from archive.work.preservation.seal.folder import sealing
from archive.work.preservation.seal.keys import make_key
from tests.support.command import ROOT, Gongkai
from tests.support.forked import run_forked
from tests.support.site import site_of

Done = subprocess.CompletedProcess[str]


def run(gongkai: Gongkai, *args: str, key: Path | None = None, **options: object) -> Done:
    """The command with a key in its environment."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
    environment |= {"GONGKAI_HOME": str(gongkai.home)}
    environment |= {"GONGKAI_SEAL_KEY": str(key)} if key else {}
    program = [*gongkai.program(), *args]
    if not options:
        return run_forked(program, cwd=ROOT, env=environment, timeout_s=100)
    return subprocess.run(
        [sys.executable, "-m", *program],
        cwd=ROOT, env=environment, text=True, capture_output=True, timeout=100, check=False,
        **options,
    )  # fmt: skip


@pytest.fixture
def key(gongkai: Gongkai, tmp_path: Path) -> Path:
    make_key(Home(gongkai.home), tmp_path / "key.pem")
    return tmp_path / "key.pem"


def test_each_crawl_ends_with_a_signed_seal(gongkai: Gongkai, key: Path) -> None:
    verify = ("verify", "--seals", "--key", f"{key}.pub")
    with site_of(3) as site:
        crawl = ("crawl", site.entry, "--delay", "0")
        first = run(gongkai, *crawl, key=key)
        assert (first.returncode, first.stderr) == (0, ""), "one line, the verdict"
        assert run(gongkai, *verify).stdout.startswith("1 seal, 1 file, 1 run, 4 versions: 0 err")
        assert "SHA-256" in (gongkai.home / "logs" / "crawl.log").read_text(encoding="utf-8")
        assert run(gongkai, *crawl, "--full", key=key).returncode == 0
        scrapy = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={site.entry}",
                  "-s", "GONGKAI_DELAY_S=0"]  # fmt: skip
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GONGKAI_")}
        environment |= {"GONGKAI_HOME": str(gongkai.home), "GONGKAI_SEAL_KEY": str(key)}
        subprocess.run(scrapy, cwd=ROOT, env=environment, check=True, capture_output=True)
    done = run(gongkai, *verify)
    assert done.returncode == 0, done.stdout
    assert done.stdout.startswith("3 seals, ")


def test_a_ledger_made_again_from_the_files_fits_its_seals(gongkai: Gongkai, key: Path) -> None:
    with site_of(3) as site:
        for more in ((), ("--full",)):
            run(gongkai, "crawl", site.entry, "--delay", "0", *more, key=key)
    for path in gongkai.home.glob("archive.sqlite*"):
        path.unlink()
    assert run(gongkai, "rebuild").returncode == 0
    done = run(gongkai, "verify", "--seals", "--key", f"{key}.pub")
    assert (done.returncode, done.stdout[:8]) == (0, "2 seals,"), done.stdout


def test_a_ledger_made_again_by_a_newer_reader_fits_its_next_seal(gongkai: Gongkai) -> None:
    gongkai.reader = "5"
    with site_of(3) as site:
        run(gongkai, "crawl", site.entry, "--delay", "0")
    gongkai.reader = None
    assert run(gongkai, "rebuild", "--replace").returncode == 0
    done = run(gongkai, "verify", "--seals")
    assert (done.returncode, done.stdout.count("version 1 was read again, by reader")) == (1, 4)
    assert run(gongkai, "verify", "--deep").returncode == 0
    assert "4 versions (4 read again" in run(gongkai, "seal").stdout
    assert run(gongkai, "verify", "--seals").returncode == 0


def test_a_key_that_cannot_be_used_is_told_before_the_crawl(gongkai: Gongkai, key: Path) -> None:
    key.chmod(0o644)
    with site_of(1) as site:
        done = run(gongkai, "crawl", site.entry, "--delay", "0", key=key)
        assert (done.returncode, "chmod 600" in done.stderr) == (2, True)
        assert site.requests == {}


def test_a_seal_that_cannot_be_made_costs_the_run_no_more_than_a_warning(gongkai: Gongkai) -> None:
    with site_of(1) as site, sealing(gongkai.home / "seals"):
        done = run(gongkai, "crawl", site.entry, "--delay", "0")
    assert done.returncode == 0
    assert done.stderr.startswith("warning: this run is not sealed: another process is sealing")
    assert run(gongkai, "verify", "--seals").returncode == 1
    assert run(gongkai, "seal").returncode == 0


def test_a_full_disk_makes_no_seal_and_the_same_command_does_later(gongkai: Gongkai) -> None:
    with site_of(1) as site:
        run(gongkai, "crawl", site.entry, "--delay", "0")
    for path in (gongkai.home / "seals").glob("*.json"):
        path.unlink()

    def no_byte_may_be_written() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    done = run(gongkai, "seal", preexec_fn=no_byte_may_be_written)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert "disk" in done.stderr
    assert not list((gongkai.home / "seals").glob("*.json"))
    assert run(gongkai, "seal").returncode == 0
