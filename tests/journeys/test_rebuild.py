"""A lost ledger is made again from the WARC files, and the crawl goes on as if nothing had been."""

import json
import random
import re
import resource
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from archive.search.index import open_indexed
from archive.store.views import described_columns
from archive.warc.mark import read_mark, rewrite_mark
from archive.warc.reader import iterate
from archive.work.export.export import table_rows
from archive.work.export.tables import TABLES as TABLES_EXPORTED
from archive.work.preservation.run_sets import is_run_record
from crawler.demo.site import Request, generate_site
from tests.support.command import Gongkai
from tests.support.engines import SERVER, empty_database
from tests.support.rawserver import RawServer, page, raw_server, reset
from tests.warc.making import shelf

LIST = "/nb/"
BLOCKED = page("<title>403 Forbidden</title><h1>您的访问被拦截</h1>", head="HTTP/1.1 403 No")
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
# What a rebuild cannot know: which process ran.
UNKNOWN = {"run": {"pid"}}
TABLES = (
    "page", "run", "run_portal", "outcome", "capture", "host", "version", "link", "check_result",
    "year_check", "field", "field_event", "finding", "public_body", "frontier", "portal", "warc_file",
    "source", "capture_source", "withdrawal",
)  # fmt: skip


def report(number: int) -> str:
    """Three reports of one office, on three years."""
    site = generate_site(3, "trs", seed=1, per_list=5)
    path = next(iter(site.portals.values())).at(number).url
    asked = Request(target=path, form="", visit=0, today=date(2026, 1, 1), if_none_match=None,
                    if_modified_since=None)  # fmt: skip
    return re.sub("第[0-9]办事处", "财政局", site.answer(asked).body.decode())


def listed(*names: str) -> str:
    items = "".join(f'<li><a href="{each}">澄溪县{each}年度报告</a></li>' for each in names)
    return f"<title>政府信息公开年报</title><h1>政府信息公开年报</h1><ul>{items}</ul>"


def answers() -> dict[str, object]:
    """What each path answers, one a day: changed, its field changed, unchanged by digest, 304, gone,
    a redirect, never an answer, a block page, forbidden.
    """
    return {
        "/robots.txt": page("User-agent: *\nDisallow: /nb/private"),
        LIST: page(listed("a", "b", "c", "d", "e", "f", "g", "i", "private")),
        "/nb/a": [page(report(0)), page(report(0).replace("</p>", "另有更正。</p>", 1))],
        "/nb/b": [page(report(1)), page(report(1).replace("01010001-3/", "01010009-3/"))],
        "/nb/c": page(report(2)),
        "/nb/d": [page(report(2).replace("2022", "2021"), headers='ETag: "a"\r\n'), NOT_MODIFIED],
        "/nb/e": [
            page(report(2).replace("2022", "2020")),
            page("no", head="HTTP/1.1 404 Not Found"),
        ],
        "/nb/f": page("", head="HTTP/1.1 302 Found", headers="Location: /nb/g\r\n"),
        "/nb/g": BLOCKED,
        "/nb/h": reset,
        "/nb/i": [page(report(0)), BLOCKED],
    }


@pytest.fixture(scope="module")
def served() -> Iterator[RawServer]:
    with raw_server() as running:
        running.answers = answers()  # type: ignore[assignment]
        yield running


@pytest.fixture(scope="module")
def two_days(served: RawServer, tmp_path_factory: pytest.TempPathFactory) -> Gongkai:
    """An archive of two runs."""
    gongkai = Gongkai(tmp_path_factory.mktemp("two-days") / "home")
    crawl(gongkai, served)
    gongkai.ahead = timedelta(hours=25)
    crawl(gongkai, served)
    return gongkai


@pytest.fixture
def archive(two_days: Gongkai, tmp_path: Path) -> Gongkai:
    copy = Gongkai(tmp_path / "home")
    shutil.copytree(two_days.home, copy.home)
    return copy


def crawl(gongkai: Gongkai, server: RawServer) -> dict[str, object]:
    return gongkai.crawl(f"{server.url}{LIST}", "--full", status=None)


def exported(gongkai: Gongkai) -> dict[str, list[str]]:
    return {view: sorted(map(repr, gongkai.rows(view))) for view in described_columns()}


def in_order(gongkai: Gongkai, place: str | None = None) -> dict[str, list[object]]:
    """Every table as it is exported. place: of a ledger that is not in the home."""
    with open_indexed(place or f"sqlite:///{gongkai.home}/archive.sqlite") as store:
        return {name: list(table_rows(store, name)) for name in TABLES_EXPORTED}


def stored(gongkai: Gongkai) -> dict[str, list[str]]:
    return {
        table: sorted(
            repr({k: v for k, v in row.items() if k not in UNKNOWN.get(table, ())} | {"id": 0})
            if table == "finding"
            else repr({k: v for k, v in row.items() if k not in UNKNOWN.get(table, ())})
            for row in gongkai.rows(table)
        )
        for table in TABLES
    }


def lose_ledger(gongkai: Gongkai) -> None:
    for path in gongkai.home.glob("archive.sqlite*"):
        path.unlink()


def test_the_ledger_made_again_is_the_one_that_was_lost(archive: Gongkai) -> None:
    archive.ahead = timedelta(hours=26)
    (archive.home / "theirs").mkdir()
    archive.run("withdraw", "/nb/c", "--reason", "it names an applicant")
    archive.run("import", str(shelf(archive.home / "theirs")))
    before, rows = exported(archive), stored(archive)
    ends = Counter(row["outcome"] for row in archive.rows("outcomes"))
    assert {"new", "changed", "unchanged", "gone", "redirected", "robots", "blocked"} <= set(ends)
    assert archive.rows("field_event")
    assert archive.rows("year_check")
    exports = in_order(archive)
    assert {row["version"] is None for row in archive.rows("findings")} == {True, False}
    lose_ledger(archive)
    archive.run("rebuild")
    assert exported(archive) == before
    assert stored(archive) == rows
    assert in_order(archive) == exports
    assert "0 errors" in archive.run("verify")
    assert not list(archive.home.glob("*.rebuilding*"))


class Elsewhere(Gongkai):
    """The command over a home whose ledger is on PostgreSQL."""

    url = ""

    def environment(self) -> dict[str, str]:
        return super().environment() | {"GONGKAI_DATABASE_URL": self.url}


ON_SERVER = pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")


@ON_SERVER
def test_a_ledger_on_postgresql_is_made_again(archive: Gongkai) -> None:
    ours, exports = Elsewhere(archive.home), in_order(archive)
    lose_ledger(archive)
    with empty_database() as ours.url:
        ours.run("rebuild")
        assert in_order(ours, ours.url) == exports
        assert not list(ours.home.glob("archive.sqlite"))
        ours.run("rebuild", status=2)
        assert "has an archive already" in ours.stderr


@pytest.mark.slow
@ON_SERVER
def test_a_ledger_on_postgresql_that_was_crawled_on_is_made_again(
    archive: Gongkai, served: RawServer
) -> None:
    ours = Elsewhere(archive.home)
    with empty_database() as ours.url:
        archive.run("move", ours.url)
        ours.ahead = timedelta(hours=50)
        crawl(ours, served)
        assert "0 errors" in ours.run("verify")
        exports = in_order(ours, ours.url)
        assert {row["run"] for row in exports["outcomes"]} == {1, 2, 3}
    with empty_database() as ours.url:
        told = json.loads(ours.run("rebuild", "--json"))
        assert (told["runs"], told["missing"], told["damages"]) == (3, [], [])
        assert in_order(ours, ours.url) == exports
        assert "0 errors" in ours.run("verify", "--deep")


@pytest.mark.slow
@ON_SERVER
def test_a_rebuild_onto_postgresql_that_ended_before_its_move_says_how_to_go_on(
    archive: Gongkai,
) -> None:
    ours, exports = Elsewhere(archive.home), in_order(archive)
    with empty_database() as ours.url:
        ours.run("rebuild", status=2)
        assert f"gongkai move {ours.url}" in ours.stderr
        archive.run("move", ours.url)
        assert in_order(ours, ours.url) == exports


def test_the_next_day_goes_on_as_if_nothing_had_happened(
    archive: Gongkai, served: RawServer
) -> None:
    lose_ledger(archive)
    archive.run("rebuild")
    versions = len(archive.rows("versions"))
    archive.ahead = timedelta(hours=50)
    crawl(archive, served)
    last = [row for row in archive.rows("outcomes") if row["run"] == 3]
    known = {row["url"] for row in archive.rows("documents")}
    assert {row["outcome"] for row in last if row["url"] in known} <= {
        "unchanged",
        "gone",
        "blocked",
    }
    assert len(archive.rows("versions")) == versions
    assert "0 errors" in archive.run("verify")


def test_a_ledger_is_not_replaced_by_mistake(archive: Gongkai) -> None:
    before = exported(archive)
    archive.run("rebuild", status=2)
    assert "--replace" in archive.stderr
    archive.run("rebuild", "--replace")
    assert exported(archive) == before
    assert [path.name for path in archive.home.glob("*before*")] == [
        "archive.sqlite.before-rebuild-1"
    ]


def test_captures_without_rows_end_as_a_crawl_ends_them(archive: Gongkai) -> None:
    """As older releases left them, and a crash of the last run."""
    before = archive.rows("versions")
    ended = {(row["url"], row["outcome"]) for row in archive.rows("outcomes")}
    without_rows(archive, slice(None))
    lose_ledger(archive)
    told = json.loads(archive.run("rebuild", "--json"))
    assert told["runs_without_rows"] == [1, 2]
    after = {(row["url"], row["outcome"]) for row in archive.rows("outcomes")}
    assert after <= ended
    unknown = {(url, each) for url, each in ended - after if not url.endswith("/robots.txt")}
    assert {each for _, each in unknown} <= {"robots", "failed"}, "what left no capture"
    same = ("url", "version", "content_hash", "captured_at", "text")
    made = sorted([row[name] for name in same] for row in archive.rows("versions"))
    assert made == sorted([row[name] for name in same] for row in before)


def test_a_run_without_rows_goes_on_behind_one_that_has_them(archive: Gongkai) -> None:
    before = {row["url"]: row for row in archive.rows("documents")}
    without_rows(archive, slice(1, 2))
    lose_ledger(archive)
    archive.run("rebuild")
    assert {row["url"]: row for row in archive.rows("documents")} == before
    assert [row["status"] for row in archive.rows("runs")] == ["finished", "crashed"]


def without_rows(gongkai: Gongkai, files: slice) -> None:
    for path in sorted((gongkai.home / "warc").glob("*.warc.gz"))[files]:
        first = next(each for each in iterate(path) if is_run_record(each.head))
        path.write_bytes(path.read_bytes()[: first.offset])


def test_damage_is_told_and_the_rest_is_made(archive: Gongkai) -> None:
    row = next(row for row in archive.rows("captures") if str(row["url"]).endswith("/nb/c"))
    path = archive.home / "warc" / str(row["warc_file"])
    raw = bytearray(path.read_bytes())
    raw[int(str(row["warc_offset"])) + 300] ^= 0xFF
    path.write_bytes(raw)
    documents = len(archive.rows("documents"))
    lose_ledger(archive)
    archive.run("rebuild", status=1)
    assert "damaged:" in archive.stderr
    assert "/nb/c version 1: its capture was not found" in archive.stderr
    assert len(archive.rows("documents")) == documents - 1
    [gone] = [row for row in archive.rows("page") if str(row["key"]).endswith("/nb/c")]
    assert gone["versions"] == 0


def test_files_that_are_gone_are_told(archive: Gongkai) -> None:
    first, last = sorted((archive.home / "warc").glob("*.warc.gz"))
    lose_ledger(archive)
    content = first.read_bytes()
    first.unlink()
    archive.run("rebuild", status=1)
    assert "missing: run 1: there is nothing of it" in archive.stderr
    assert f"missing: {last.name}: the records that" in archive.stderr
    first.write_bytes(content)
    archive.run("rebuild", "--replace")
    last.unlink()  # which the seal of the run names
    told = json.loads(archive.run("rebuild", "--replace", "--json", status=1))
    assert any(line.startswith(f"{last.name}: seal ") for line in told["missing"])


def test_a_capture_that_rows_name_and_that_is_gone_is_told(archive: Gongkai) -> None:
    row = next(row for row in archive.rows("captures") if str(row["url"]).endswith("/nb/d"))
    path = archive.home / "warc" / str(row["warc_file"])
    record = next(each for each in iterate(path) if each.offset == row["warc_offset"])
    raw = path.read_bytes()
    path.write_bytes(raw[: record.offset] + raw[record.offset + (record.length or 0) :])
    lose_ledger(archive)
    archive.run("rebuild", status=1)
    assert "missing: run 1: 1 of the captures that its rows name" in archive.stderr
    assert "the records that 1 of its captures repeat" in archive.stderr


def test_commands_that_find_no_ledger_name_the_help(archive: Gongkai, served: RawServer) -> None:
    warc, ledger = archive.home / "warc", str((archive.home / "archive.sqlite").absolute())
    mark = read_mark(warc)
    assert mark is not None
    rewrite_mark(warc, replace(mark, ledger=ledger))  # the home was copied
    lose_ledger(archive)
    for made in (lambda _: None, Path.touch):  # as a full disk or a typing error leaves it
        made(archive.home / "archive.sqlite")
        for command in ("status", "verify"):
            archive.run(command, status=4)
            assert "gongkai rebuild" in archive.stderr
        checks = json.loads(archive.run("doctor", "--json", status=1))
        assert (checks[0]["check"], checks[0]["level"]) == ("schema", "bad")
        assert "gongkai rebuild" in checks[0]["helps"]
        sizes = [path.stat().st_size for path in archive.home.glob("archive.sqlite*")]
        assert not any(sizes), "nothing made a ledger"
    archive.run("crawl", f"{served.url}{LIST}", status=4)
    assert "gongkai rebuild" in archive.stderr


def test_a_rebuild_that_was_killed_begins_anew(archive: Gongkai) -> None:
    before, chance = exported(archive), random.Random(7)
    lose_ledger(archive)
    for _ in range(4):
        process = archive.start("rebuild")
        try:
            process.communicate(timeout=chance.uniform(0.5, 4))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
        if (archive.home / "archive.sqlite").exists():
            break  # it stands in its place only when it is whole, which the exports show
    else:
        archive.run("rebuild")
    assert exported(archive) == before


def test_a_full_disk_costs_nothing(archive: Gongkai) -> None:
    before = exported(archive)
    lose_ledger(archive)

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))

    process = archive.start("rebuild", preexec_fn=small_disk)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 4, out + err
    assert len([line for line in err.splitlines() if line.startswith("gongkai:")]) == 1
    assert not list(archive.home.glob("archive.sqlite*")), "half a ledger takes room"
    archive.run("rebuild")
    assert exported(archive) == before
