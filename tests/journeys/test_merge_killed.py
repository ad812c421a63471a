"""A merge that is killed is told as not finished, and not sealed; the same again ends it."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.cli import main
from archive.work.home import Home
from archive.work.preservation.merge import merge
from tests.support.command import Gongkai
from tests.support.site import site_of

pytestmark = pytest.mark.timeout(600)


def killed_before(placed: Path, home: Path, other: Path) -> int:
    """Merges in a process of its own, killed when a file or folder is put in its place."""
    child = os.fork()
    if child == 0:

        def kill(event: str, args: tuple[object, ...]) -> None:
            if event == "os.rename" and str(args[1]) == str(placed):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(kill)
        try:
            main(["merge", str(other), "--home", str(home)])
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def entry() -> Iterator[str]:
    with site_of(3) as site:
        yield site.entry


def test_a_killed_merge_is_told_and_not_sealed_till_it_is_finished(
    gongkai: Gongkai, entry: str, tmp_path: Path
) -> None:
    other = Gongkai(tmp_path / "the other")
    for each in (gongkai, other, other):
        each.crawl(entry, "--full")
    wanted = Gongkai(shutil.copytree(gongkai.home, tmp_path / "wanted"))
    whole = json.loads(wanted.run("merge", str(other.home), "--json"))
    assert (whole["runs"], whole["captures"]) == (2, len(other.rows("captures")))
    kept = gongkai.home / "merged" / whole["archive"]
    assert killed_before(kept, gongkai.home, other.home) == -signal.SIGKILL
    assert len(list((gongkai.home / "warc").glob("*.gz"))) == 3, "its files are here, no capture is"
    assert len(gongkai.rows("runs")) == len(wanted.rows("runs"))
    assert len(gongkai.rows("captures")) < len(wanted.rows("captures"))

    helps = f"run `gongkai merge '{other.home}'` again"
    line = f"the merge of {other.home} is not finished: {helps}"
    assert gongkai.run("status").startswith(f"warning: {line}\n")
    assert json.loads(gongkai.run("status", "--json"))["unfinished_merges"] == [line]
    assert line in gongkai.run("verify", status=1)
    doctor = gongkai.run("doctor", status=1)
    assert f"bad   ledger: the merge of {other.home} is not finished\n      → {helps}\n" in doctor
    gongkai.run("seal", status=4)
    assert line in gongkai.stderr
    gongkai.run("move", str(tmp_path / "elsewhere"), status=4)
    assert line in gongkai.stderr
    Gongkai(tmp_path / "third").run("merge", str(gongkai.home), status=2)
    gongkai.run("crawl", entry, "--delay", "0")
    assert f"this run is not sealed: {line}" in gongkai.stderr
    assert len(list((gongkai.home / "seals").glob("*.json"))) == 1

    assert json.loads(gongkai.run("merge", str(other.home), "--json")) == whole | {
        "kept": str(kept)
    }
    assert len(gongkai.rows("runs")) == len(wanted.rows("runs")) + 1
    assert json.loads(gongkai.run("status", "--json"))["unfinished_merges"] == []
    gongkai.run("seal")
    for check in (["verify"], ["verify", "--seals"]):
        assert "0 errors" in gongkai.run(*check)
    again = json.loads(gongkai.run("merge", str(other.home), "--json"))
    assert (again["runs"], again["captures"], again["versions"]) == (0, 0, 0)


def test_where_the_other_is_gone_what_is_kept_of_it_ends_the_merge(
    gongkai: Gongkai, entry: str, tmp_path: Path
) -> None:
    other = Gongkai(tmp_path / "other")
    for each in (gongkai, other):
        each.crawl(entry)
    mark = gongkai.home / "warc" / "archive.toml"
    assert killed_before(mark, gongkai.home, other.home) == -signal.SIGKILL
    shutil.rmtree(other.home)
    gongkai.run("verify", status=1)
    [kept] = (gongkai.home / "merged").iterdir()
    assert json.loads(gongkai.run("merge", str(kept), "--json"))["runs"] == 1
    for check in (["verify"], ["verify", "--seals"]):
        gongkai.run(*check)
        Gongkai(kept).run(*check)


def test_half_a_merge_is_told_and_ended_though_the_ledger_was_lost_meanwhile(
    gongkai: Gongkai, entry: str, tmp_path: Path
) -> None:
    """Of the other's runs no row lies in the files yet: the captures alone do not say how they
    ended.
    """
    other = Gongkai(tmp_path / "other")
    with site_of(2) as site:
        for _ in range(2):
            other.crawl(site.entry, "--full")
        other.crawl(site.entry.replace("index", "none"), status=1)
    gongkai.crawl(entry)
    wanted = Gongkai(shutil.copytree(gongkai.home, tmp_path / "wanted"))
    wanted.run("merge", str(other.home))
    with pytest.raises(KeyboardInterrupt):
        merge(
            Home(gongkai.home), gongkai.home, Home(other.home), other.home,
            on_total=int, on_pages=interrupted,
        )  # fmt: skip
    [kept] = (gongkai.home / "merged").iterdir()
    line = f"the merge of {kept} is not finished: run `gongkai merge {kept}` again"
    assert line in (gongkai.run("rebuild", "--replace", status=1) + gongkai.stderr)
    assert line in gongkai.run("verify", status=1)
    gongkai.run("seal", status=4)
    gongkai.run("merge", str(kept))
    assert told(gongkai) == told(wanted)
    gongkai.run("rebuild", "--replace")
    assert told(gongkai) == told(wanted)
    gongkai.run("seal")
    for check in (["verify"], ["verify", "--seals"]):
        assert "0 errors" in gongkai.run(*check)


def told(gongkai: Gongkai) -> dict[str, list[str]]:
    """What the archive says; not under which numbers its runs are."""
    tables = ("captures", "outcomes", "versions", "runs", "documents")
    return {
        table: sorted(str(row | {"run": None}) for row in gongkai.rows(table)) for table in tables
    }


def interrupted(_count: int) -> None:
    raise KeyboardInterrupt
