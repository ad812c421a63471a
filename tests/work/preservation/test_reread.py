"""Archives of an older reader, read again: better, without the network, and never as a change."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from archive.cli import main
from archive.reading import READER_VERSION
from archive.work.home import Home
from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site
from tests.support.command import Gongkai
from tests.support.forked import Forked
from tests.support.other_reader import MISTAKEN, WORSE
from tests.support.rawserver import RawServer, page
from tests.support.site import pages_of

LIST = "/trs/zwgk/zfxxgk/zfxxgknb/"
# When something was seen, by whom and where it lies is of the crawl; a number of a row too.
OF_THE_CRAWL = {"captured_at", "first_captured_at", "last_captured_at", "body_id"}


Understood = dict[str, list[dict[str, object]]]
CHECKED = "rule, scope, state, message, evidence"
PARTS = {
    "year_check": CHECKED, "year_pair": "held", "check_result": CHECKED, "held_checks": "packed",
    "link": "url, role, text",
}  # fmt: skip


@pytest.fixture(scope="module")
def portal() -> Iterator[DemoPortal]:
    with DemoPortal(1, 5, site=generate_site(4, "trs", seed=1, per_list=5)) as running:
        yield running


@pytest.fixture(scope="module")
def crawled(portal: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> Gongkai:
    """A portal as reader 1 has read it."""
    gongkai = Gongkai(tmp_path_factory.mktemp("worse") / "home")
    gongkai.reader = WORSE
    assert gongkai.crawl(portal.url + LIST)["outcomes"] == {"new": 5}
    return gongkai


@pytest.fixture(scope="module")
def wanted(portal: DemoPortal, tmp_path_factory: pytest.TempPathFactory) -> Understood:
    """The same as today's reader reads it at once."""
    gongkai = Gongkai(tmp_path_factory.mktemp("better") / "home")
    gongkai.crawl(portal.url + LIST)
    return understood(gongkai)


@pytest.fixture
def copied(crawled: Gongkai, tmp_path: Path) -> Gongkai:
    return Gongkai(shutil.copytree(crawled.home, tmp_path / "home"))


def understood(gongkai: Gongkai) -> Understood:
    """What the archive says, without when and where it was captured."""
    told = {}
    for view in ("documents", "versions", "figures", "statements", "findings", "figures_current"):
        rows = [
            {name: value for name, value in row.items() if name not in OF_THE_CRAWL}
            for row in gongkai.rows(view)
        ]
        told[view] = sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))
    for table, names in PARTS.items():
        told[table] = gongkai.rows(f"(SELECT {names} FROM {table} ORDER BY {names})")  # noqa: S608 - our own names
    return told


def everything(gongkai: Gongkai) -> list[str]:
    with closing(sqlite3.connect(gongkai.home / "archive.sqlite")) as ledger:
        return list(ledger.iterdump())


def readers(gongkai: Gongkai) -> set[object]:
    return {row["reader_version"] for row in gongkai.rows("versions")}


def ask(
    gongkai: Gongkai, *args: str, status: int = 0, capsys: pytest.CaptureFixture[str]
) -> tuple[str, str]:
    """What the command says, without the start of a process of its own."""
    capsys.readouterr()
    try:
        ended = main([*args, "--home", str(gongkai.home)])
    except SystemExit as left:
        ended = int(left.code or 0)
    out, err = capsys.readouterr()
    assert ended == status, out + err
    return out, err


@pytest.fixture
def say(copied: Gongkai, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[str, str]]:
    return partial(ask, copied, capsys=capsys)


Say = Callable[..., tuple[str, str]]
PAGE = "t20250226_1000.html"


def test_a_dry_run_lists_what_would_differ_and_stores_nothing(copied: Gongkai, say: Say) -> None:
    before = everything(copied)
    told, _ = say("reread", "--dry-run")
    differs = "text, report_year, body, figures, statements, fields"
    assert f"version 1 (reader 1 → {READER_VERSION}): {differs}" in told
    assert "report_year: absent → “2024”" in told
    assert "more (--json has all)" in told
    assert "5 versions of 5 pages read again: 1 as before, 4 otherwise" in told
    assert "nothing was stored" in told
    listed = json.loads(say("reread", "--dry-run", "--json", PAGE)[0])
    assert listed["counts"]["differing"] == len(listed["versions"]) == 1
    assert (listed["counts"]["parts"]["figures"], listed["notes"]) == (1, [])
    [first] = listed["versions"]
    assert first["report_year"] == {"old": None, "new": 2024}
    assert {each["change"] for each in first["figures"]} == {"added"}
    assert len(first["figures"]) > 50
    assert first["lines"][0]["change"] == "added"
    assert everything(copied) == before


def test_what_is_read_again_is_as_if_today_s_reader_had_crawled(
    copied: Gongkai, portal: DemoPortal, say: Say, wanted: Understood, tmp_path: Path
) -> None:
    assert understood(copied) != wanted
    history, shown = say("history", PAGE, "--json"), say("show", PAGE, "--json")
    say("export", "figures", "-o", str(tmp_path / "cited.csv"))
    outcomes = copied.rows("outcomes")
    told, _ = say("reread")
    assert "4 otherwise" in told
    assert "figure f21" not in told, "the list is for a dry run and --json"
    assert understood(copied) == wanted
    assert wanted["year_pair"] != []
    assert (say("history", PAGE, "--json"), copied.rows("outcomes")) == (history, outcomes)
    say("export", "figures", "--reader", WORSE, "-o", str(tmp_path / "again.csv"))
    cited, again = ((tmp_path / name).read_text() for name in ("cited.csv", "again.csv"))
    assert (cited.count("\n"), cited) == (13, again)
    assert say("show", PAGE, "--reader", WORSE, "--json") == shown
    assert f"read by reader {READER_VERSION}, before by 1 (--reader N)" in say("show", PAGE)[0]
    assert "澄溪县" in say("search", "澄溪县", "--year", "2024")[0]
    assert "5 as stored" in say("verify", "--deep")[1]
    before = everything(copied)
    assert "nothing to read again" in say("reread")[0]
    assert everything(copied) == before
    copied.ahead = timedelta(days=1)
    assert copied.crawl(portal.url + LIST, "--full")["outcomes"] == {"unchanged": 5}
    assert [row["version"] for row in copied.rows("versions")] == [1] * 5
    assert "nothing to read again" in say("reread")[0]


def test_no_socket_opens(copied: Gongkai, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copied, "program", lambda: ["tests.support.no_network"])
    for command, status in (("reread",), 0), (("serve", "--port", "0"), 4):
        process = copied.start(*command)
        _, err = process.communicate(timeout=90)
        assert (process.returncode, "the network was used" in err) == (status, status != 0), err
    assert readers(copied) == {READER_VERSION}


def test_one_portal_or_page_is_chosen(copied: Gongkai, say: Say) -> None:
    [key] = {str(row["portal"]) for row in copied.rows("documents")}
    assert "nothing to read again" in say("reread", "--reader-below", "1")[0]
    assert "1 version of 1 page" in say("reread", PAGE)[0]
    assert "4 versions of 4 pages" in say("reread", "--portal", key, "--reader-below", "2")[0]


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("reread", "--portal", "nowhere"), "no portal 'nowhere'"),
        (("reread", "--reader-below", "99"), f"today's reader is version {READER_VERSION}"),
        (("reread", "http://nowhere.example/"), "no page has the URL"),
        (("show", PAGE, "--reader", "7"), "was read by reader 1, not by 7"),
        (("export", "figures", "--reader", "7", "-o", "a.csv"), "by reader 7; readers are 1"),
        (("export", "runs", "--reader", "1", "-o", "a.csv"), "--reader is for the table figures"),
    ],
)
def test_wrong_usage_is_told(say: Say, args: tuple[str, ...], told: str) -> None:
    assert told in say(*args, status=2)[1]


def test_where_there_is_no_archive_none_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(Gongkai(tmp_path / "home"), "reread", status=2, capsys=capsys)
    assert not (tmp_path / "home").exists()


def test_a_reread_waits_for_no_crawl(copied: Gongkai, say: Say) -> None:
    with Home(copied.home).locked():
        assert (
            f"process {os.getpid()} (gongkai crawl) works on {copied.home};"
            in say("reread", status=4)[1]
        )
        say("reread", "--dry-run", PAGE)
    assert readers(copied) == {WORSE}


def test_lost_captures_are_named_and_what_was_read_of_them_stays(copied: Gongkai, say: Say) -> None:
    [path] = (copied.home / "warc").glob("*.warc.gz")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    told = json.loads(say("reread", "--json", status=1)[0])
    lost = [note for note in told["notes"] if note["what"] == "lost"]
    assert 0 < len(lost) < 5
    stays = {(row["url"], row["version"]) for row in copied.rows("versions")
             if row["reader_version"] == WORSE}  # fmt: skip
    assert stays == {(note["url"], note["version"]) for note in lost}
    path.unlink()
    told, _ = say("reread", status=1)
    assert told.count("lost: ") == len(lost)
    assert f"{path}, offset 0: the file is missing" in told


def start_reread(gongkai: Gongkai) -> "Forked | subprocess.Popen[str]":
    """A reread that holds the archive by now, or has ended."""
    process = gongkai.begin("reread")
    while not Home(gongkai.home).is_crawled() and process.poll() is None:
        time.sleep(0.02)
    return process


def killed(gongkai: Gongkai, seconds: float) -> bool:
    """Kills a reread a while after it began; whether it was still at work."""
    process = start_reread(gongkai)
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    return False


def test_killed_or_interrupted_the_same_command_finishes(
    copied: Gongkai, say: Say, wanted: Understood
) -> None:
    assert killed(copied, 0.2)
    process = start_reread(copied)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=90)
    assert (process.returncode, "the same command goes on" in err) == (3, True), err
    say("reread")
    assert understood(copied) == wanted


def test_with_too_little_room_nothing_is_begun(
    copied: Gongkai, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = understood(copied)
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", "1000000")
    _, err = say("reread", status=4)
    assert "must stay (GONGKAI_MIN_FREE_GB): make room and run the same command again" in err
    assert understood(copied) == before
    say("reread", "--dry-run")  # writes nothing


def test_a_full_disk_is_one_line_and_loses_nothing(
    copied: Gongkai, say: Say, wanted: Understood
) -> None:
    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    process = copied.start("reread", preexec_fn=small_disk)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 4, out + err
    assert len([line for line in err.splitlines() if line.startswith("gongkai:")]) == 1, err
    assert "Traceback" not in err
    say("reread")
    assert understood(copied) == wanted


NEVER, OFTEN = "/nb/0.html", "/nb/1.html"


def serve(server: RawServer, never: str | None, often: str) -> str:
    """A list and two reports with something more in their texts; None: it is gone."""
    for path, body in pages_of(2).items():
        more = {NEVER: never, OFTEN: often}.get(path, "")
        server.answers[path] = page(body.replace("</p></div>", f"</p><p>{more}</p></div>", 1))
    if never is None:
        del server.answers[NEVER]
    return f"{server.url}/nb/index.html"


def story(gongkai: Gongkai, path: str) -> tuple[list[object], list[tuple[object, object]]]:
    """A page's outcomes, and its versions with the last line of each."""
    outcomes = [row["outcome"] for row in gongkai.rows("outcomes") if path in str(row["url"])]
    versions = [
        (row["version"], str(row["text"]).split("\n")[-1])
        for row in gongkai.rows("versions")
        if path in str(row["url"])
    ]
    return outcomes, versions


def test_what_an_older_reader_missed_is_a_version_of_its_day(
    gongkai: Gongkai, server: RawServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """One report is gone by now, the other one changed twice."""
    gongkai.reader = WORSE
    for never, often in ((MISTAKEN, "第一版"), (None, MISTAKEN), (None, "第三版")):
        gongkai.crawl(serve(server, never, often), "--full", status=None)
        gongkai.ahead += timedelta(days=1)
    gongkai.reader = None
    assert story(gongkai, NEVER) == (["soft_404", "gone", "gone"], [])
    assert [len(each) for each in story(gongkai, OFTEN)] == [3, 1]
    told = json.loads(ask(gongkai, "reread", "--json", capsys=capsys)[0])
    assert [(note["what"], note["version"]) for note in told["notes"]] == [
        ("made", 1),
        ("made", 2),
        ("made", 3),
    ]
    assert "soft_404" in told["notes"][0]["message"]
    assert story(gongkai, NEVER) == (["soft_404", "gone", "gone"], [(1, MISTAKEN)])
    versions = [(1, "第一版"), (2, MISTAKEN), (3, "第三版")]
    assert story(gongkai, OFTEN) == (["new", "soft_404", "unchanged"], versions)
    taken = {row["captured_at"] for row in gongkai.rows("captures")}
    assert {row["captured_at"] for row in gongkai.rows("versions")} <= taken
    assert "soft_404" not in [row["rule"] for row in gongkai.rows("findings")]
    assert "nothing to read again" in ask(gongkai, "reread", capsys=capsys)[0]
    ask(gongkai, "verify", "--deep", capsys=capsys)
    gongkai.crawl(serve(server, MISTAKEN, "第三版"), "--full")
    assert [story(gongkai, path)[0][-1] for path in (NEVER, OFTEN)] == ["unchanged", "unchanged"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_twenty_kills_over_a_larger_archive(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with DemoPortal(1, 5, site=generate_site(150, "trs", seed=1, per_list=50)) as portal:
        better = Gongkai(tmp_path / "better")
        better.crawl(portal.url + LIST)
        gongkai = Gongkai(tmp_path / "worse")
        gongkai.reader = WORSE
        gongkai.crawl(portal.url + LIST)
    gongkai.reader = None
    assert sum(killed(gongkai, 0.1 + 0.3 * number) for number in range(20)) > 5
    ask(gongkai, "reread", capsys=capsys)
    assert understood(gongkai) == understood(better)
    ask(gongkai, "verify", "--deep", capsys=capsys)
