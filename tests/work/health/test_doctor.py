"""Every check of doctor is tripped; on an archive that is well none is."""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archive.cli import main
from archive.model.reading import Severity
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.frontier.hosts import save_host
from archive.store.rows import HostState
from archive.warc.check import Damage
from archive.work import clock
from archive.work.health import doctor, keeping
from archive.work.health.crawling import bodies_silent, jobs_check, silent_check
from archive.work.health.doctor import examine
from archive.work.health.keeping import LastBackup, note_backup
from archive.work.health.machine import BROWSERS, fonts_check
from archive.work.health.result import Level, Result
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.jobs.queue import app_for, prepare
from archive.work.preservation.verify_round import Round, note_round, note_whole_round
from crawler.browser.launch import NAMES
from tests.store.making import NOW as THEN
from tests.support.crawled_lists import crawl, named, page_of, report
from tests.support.engines import SERVER, empty_database
from tests.support.transactions import commit
from tests.work.health.conftest import AT, NOW, opened, subject
from tests.work.preservation.seal.archives import change, put_warc

GB = 1_000_000_000
ALL_THERE: Mapping[str, object] = {"free": lambda _: 50 * GB, "program": lambda name: name}


def seen(home: Path, name: str, **changes: object) -> Result:
    """What a check saw, by its name."""
    examined = subject(home, **{"min_free": GB, **ALL_THERE, **changes})
    return dict(examine(examined))[name]


def trips(result: Result, level: Level, saw: str, helps: str = "") -> None:
    assert result.level is level, result
    assert saw in result.saw
    assert helps in result.helps


def test_an_archive_that_is_well_has_nothing_bad(home: Path) -> None:
    note_backup(Home(home), LastBackup(at=f"{AT:%Y-%m-%dT%H:%M:%SZ}", folder="/mnt/disk"))
    note_whole_round(Home(home), [], began_at=AT, ended_at=AT)
    results = dict(examine(subject(home, min_free=GB, **ALL_THERE)))
    results.pop("fonts")
    assert {name: each for name, each in results.items() if each.level is not Level.GOOD} == {}
    deep = dict(examine(subject(home, min_free=GB, deep=True, **ALL_THERE)))
    assert "every record is sound (6)" in deep["WARC files"].saw
    assert "every page, row and text" in deep["ledger"].saw


def test_a_lost_warc_file_is_named(home: Path) -> None:
    [file] = (home / "warc").glob("*.warc.gz")
    file.unlink()
    trips(seen(home, "WARC files"), Level.BAD, file.name, "gongkai repair")


def test_a_foreign_warc_file_is_named(home: Path) -> None:
    put_warc(home, 9, b"<p>x</p>")
    trips(seen(home, "WARC files"), Level.BAD, "not of this archive: run-9.warc.gz", "import")


def test_a_folder_of_another_archive_is_refused(home: Path) -> None:
    mark = home / "warc" / "archive.toml"
    mark.write_text('id = "another"\nledger = "/elsewhere"\n')
    trips(seen(home, "WARC files"), Level.BAD, "/elsewhere")


def test_a_flipped_byte_of_a_warc_file_is_found_by_reading_all(home: Path) -> None:
    [file] = (home / "warc").glob("*.warc.gz")
    flip(file, 700)
    trips(seen(home, "WARC files"), Level.GOOD, "as long as the ledger says")
    trips(seen(home, "WARC files", deep=True), Level.BAD, file.name, "gongkai verify")


def test_a_flipped_byte_of_a_page_of_the_ledger_is_found_at_once(home: Path) -> None:
    with closing(sqlite3.connect(home / "archive.sqlite")) as ledger:
        [(root, size)] = ledger.execute(
            "SELECT rootpage, (SELECT page_size FROM pragma_page_size()) FROM sqlite_schema"
            " WHERE name = 'outcome'"
        )
    flip(home / "archive.sqlite", (root - 1) * size + 3)
    trips(seen(home, "ledger"), Level.BAD, "is damaged", "gongkai rebuild")


def test_a_flipped_letter_of_a_stored_text_is_found_by_reading_all(home: Path) -> None:
    change(home, "UPDATE version SET title = '别的' WHERE id = 1")
    trips(seen(home, "ledger"), Level.GOOD, "tables are sound")
    trips(seen(home, "ledger", deep=True), Level.BAD, "do not fit the content hash")


def flip(path: Path, offset: int) -> None:
    content = bytearray(path.read_bytes())
    content[offset] ^= 0xFF
    path.write_bytes(content)


def test_a_look_that_takes_too_long_says_how_far_it_got(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "WITHIN_S", 0.0)
    trips(seen(home, "ledger"), Level.GOOD, "the pages of 1 of", "")


def test_a_damaged_ledger_leaves_the_other_checks_standing(home: Path) -> None:
    (home / "archive.sqlite").write_bytes(b"no database at all" * 400)
    results = dict(examine(subject(home, min_free=GB, **ALL_THERE)))
    trips(results["schema"], Level.BAD, "is damaged", "gongkai rebuild")
    trips(results["seals"], Level.WARN, "not looked at")
    trips(results["disk"], Level.GOOD, "50.0 GB free")


@pytest.mark.parametrize(
    ("revision", "level", "helps"),
    [("0019", Level.WARN, "after a copy"), ("9999", Level.BAD, "pip install --upgrade")],
)
def test_another_schema_is_told_and_not_touched(
    revision: str, level: Level, helps: str, home: Path
) -> None:
    change(home, f"UPDATE alembic_version SET version_num = '{revision}'")  # noqa: S608 - ours
    trips(seen(home, "schema"), level, revision, helps)
    trips(seen(home, "ledger"), Level.WARN, "not looked at")
    trips(seen(home, "schema"), level, revision, helps)


@pytest.mark.parametrize(
    ("ahead", "hosts", "level", "saw"),
    [
        (timedelta(days=1), 4, Level.BAD, "24 h ahead of the Date of 4 hosts"),
        (timedelta(minutes=-30), 4, Level.BAD, "30 min behind the Date of 4 hosts"),
        (timedelta(minutes=30), 1, Level.WARN, "30 min ahead of the Date of 1 host"),
        (timedelta(days=3), 1, Level.BAD, "3 days ahead"),
        (timedelta(minutes=3), 4, Level.WARN, "3 min ahead"),
        (timedelta(seconds=20), 4, Level.GOOD, "20 s ahead"),
    ],
    ids=str,
)
def test_a_clock_that_was_wrong_is_told_by_the_hosts_dates(
    ahead: timedelta, hosts: int, level: Level, saw: str, home: Path
) -> None:
    change(home, f"UPDATE capture SET captured_at = '{AT + ahead:%Y-%m-%dT%H:%M:%S.%fZ}'")  # noqa: S608 - ours
    if hosts == 1:
        change(home, "UPDATE capture SET host = 'one'")
    helps = "" if level is Level.GOOD else "timedatectl"
    trips(seen(home, "clock", now=NOW + timedelta(days=9)), level, saw, helps)


def test_captures_of_the_future_tell_of_a_wrong_clock(home: Path) -> None:
    trips(seen(home, "clock", now=AT - timedelta(days=9)), Level.BAD, "9 days ahead of this")


def test_imported_captures_tell_nothing_of_this_clock(home: Path) -> None:
    change(home, "UPDATE run SET mode = 'import'")
    trips(seen(home, "clock", now=AT - timedelta(days=9)), Level.WARN, "no capture has a Date")


@pytest.mark.parametrize(
    ("free", "level"), [(GB - 1, Level.BAD), (2 * GB, Level.WARN), (3 * GB, Level.GOOD)]
)
def test_a_disk_that_is_full_or_nearly_so(free: int, level: Level, home: Path) -> None:
    helps = "" if level is Level.GOOD else "make room"
    trips(seen(home, "disk", free=lambda _: free), level, "GB free at", helps)


def test_copies_of_former_ledgers_are_told_while_nobody_removes_them(home: Path) -> None:
    trips(seen(home, "old copies"), Level.GOOD, "no copies")
    for name in ("archive.sqlite.bak-0027", "archive.sqlite.moved-1"):
        (home / name).touch()
        os.utime(home / name, (AT.timestamp(), AT.timestamp()))
    told = "archive.sqlite.bak-0027, archive.sqlite.moved-1"
    trips(seen(home, "old copies"), Level.GOOD, told)
    later = AT + timedelta(days=40)
    trips(seen(home, "old copies", now=later), Level.WARN, told, "remove them")


@pytest.mark.parametrize(
    ("missing", "saw", "helps"),
    [
        ({"soffice", "libreoffice", "antiword"}, "LibreOffice, for .doc", "libreoffice-writer"),
        ({"soffice", "libreoffice"}, "antiword reads .doc", "libreoffice-writer-nogui"),
        ({"bsdtar"}, "bsdtar, for RAR", "libarchive-tools"),
        (set(BROWSERS), "Chromium", "apt-get install chromium"),
    ],
    ids=["no reader of .doc", "antiword alone", "no bsdtar", "no browser"],
)
def test_a_missing_converter_is_named_with_its_package(
    missing: set[str], saw: str, helps: str, home: Path
) -> None:
    find: Callable[[str], str | None] = lambda name: None if name in missing else name  # noqa: E731
    trips(seen(home, "converters", program=find), Level.WARN, saw, helps)


def test_the_browsers_are_those_that_a_crawl_looks_for() -> None:
    assert BROWSERS == NAMES


def test_a_missing_font_is_named_with_its_package(home: Path, tmp_path: Path) -> None:
    (tmp_path / "DejaVuSans.ttf").touch()
    trips(fonts_check(subject(home), [tmp_path]), Level.WARN, "no Chinese font", "fonts-wqy")
    (tmp_path / "wqy-microhei.ttc").touch()
    trips(fonts_check(subject(home), [tmp_path]), Level.GOOD, "wqy-microhei.ttc")


def test_a_gap_in_the_chain_of_seals_is_bad(home: Path) -> None:
    put_warc(home, 2, b"<p>x</p>")
    (home / "seals" / "1.json").rename(home / "seals" / "2.json")
    trips(seen(home, "seals"), Level.BAD, "seal 1: the seal is missing", "verify --seals")


def test_what_is_not_sealed_is_told(home: Path) -> None:
    trips(seen(home, "seals"), Level.GOOD, "seals without a gap: 1")
    change(home, "UPDATE run SET ended_at = '2099-01-01T00:00:00.000000Z'")
    trips(seen(home, "seals"), Level.WARN, "a run has ended since", "gongkai seal")
    (home / "seals" / "1.json").unlink()
    trips(seen(home, "seals"), Level.WARN, "nothing was sealed yet", "gongkai seal")


def test_the_age_of_the_last_backup(home: Path) -> None:
    trips(seen(home, "backup"), Level.WARN, "no gongkai backup is known", "gongkai backup")
    note_backup(Home(home), LastBackup(at="2026-01-01T00:00:00Z", folder="/mnt/disk"))
    trips(seen(home, "backup"), Level.WARN, "60 days ago, to /mnt/disk", "-o /mnt/disk")
    (home / "last-backup.json").write_text("[]")
    trips(seen(home, "backup"), Level.WARN, "cannot be read")


def test_when_all_files_were_verified_and_what_was_damaged(home: Path) -> None:
    trips(seen(home, "fixity"), Level.WARN, "never read through", "gongkai verify --minutes")
    note_round(Home(home), Round(number=1, began_at=AT, after="a.warc.gz"))
    trips(seen(home, "fixity"), Level.WARN, "the first round is at a.warc.gz")
    long_ago = AT - timedelta(days=400)
    note_whole_round(Home(home), [], began_at=long_ago, ended_at=AT)
    trips(seen(home, "fixity"), Level.WARN, f"from {long_ago:%Y-%m-%d} to {AT:%Y-%m-%d}")
    damaged = [
        Damage(file=f"warc/{name}", offset=0, severity=severity, rule="gzip", message="cut")
        for name, severity in (("b.warc.gz.open", Severity.ERROR), ("a.warc.gz", Severity.WARNING))
    ]
    note_whole_round(Home(home), damaged, began_at=AT, ended_at=AT)
    trips(seen(home, "fixity"), Level.BAD, "damage was seen in b.warc.gz", "gongkai repair")


@pytest.mark.parametrize(("days", "level"), [(3, Level.GOOD), (40, Level.WARN)])
def test_urls_that_wait_long_are_told(days: int, level: Level, home: Path) -> None:
    columns = "page_id, run_id, state, host, role, rank, position, depth, attempts, hops"
    values = "id, 1, 'pending', host, role, 2, id, 0, 0, '[]'"
    change(home, f"INSERT INTO frontier ({columns}) SELECT {values} FROM page")  # noqa: S608 - ours
    change(home, f"UPDATE run SET ended_at = '{AT:%Y-%m-%dT%H:%M:%S.%fZ}'")  # noqa: S608 - ours
    found = seen(home, "pending", now=AT + timedelta(days=days))
    trips(found, level, f"URLs that wait: 4, the oldest for {days} days")
    assert ("gongkai crawl --due" in found.helps) == (level is Level.WARN)


@pytest.mark.parametrize(("days", "level"), [(3, Level.GOOD), (9, Level.WARN), (40, Level.BAD)])
def test_overdue_lists_of_the_catalogue_are_told(days: int, level: Level, home: Path) -> None:
    due = f"next_due_at = '{AT:%Y-%m-%dT%H:%M:%S.%fZ}'"
    change(home, f"UPDATE page SET role = 'list', portal_key = 'mine', {due} WHERE id < 3")  # noqa: S608
    change(home, f"UPDATE page SET role = 'list', {due} WHERE id > 2")  # noqa: S608 - ours
    now = AT + timedelta(days=days)
    trips(seen(home, "pending", now=now), Level.GOOD, "no list is overdue")
    (home / "portals.toml").write_text(
        '[mine]\nname = "x"\nentries = ["http://www.chengxi.gov.cn/"]\n'
    )
    saw = "no list is overdue" if level is Level.GOOD else "overdue lists: 2, of 1 portals"
    trips(seen(home, "pending", now=now), level, saw)


def test_a_host_that_is_held_long_is_named(home: Path) -> None:
    state = HostState(host="www.x.gov.cn", rests_until=NOW + timedelta(days=3), trips=4,
                      reason="nothing answers")  # fmt: skip
    with Store.open(home) as store:
        commit(store, save_host, state)
    trips(seen(home, "hosts"), Level.WARN, "www.x.gov.cn until 2026-03-05: nothing answers",
          "gongkai status")  # fmt: skip


def test_jobs_of_a_worker_that_is_gone_or_silent_stand_still(home: Path) -> None:
    trips(jobs_check(opened(home)), Level.GOOD, "no jobs")
    with closing(sqlite3.connect(home / "archive.sqlite")) as ledger, ledger:
        ledger.executescript(
            "CREATE TABLE procrastinate_workers (id INTEGER, last_heartbeat TEXT);"
            "CREATE TABLE procrastinate_jobs (id INTEGER, task_name TEXT, status TEXT,"
            " worker_id INTEGER, queueing_lock TEXT, queue_name TEXT, args TEXT);"
            "INSERT INTO procrastinate_workers VALUES (1, '2026-03-02T08:00:00.000000Z'),"
            " (2, '2026-03-01T00:00:00.000000Z');"
            "INSERT INTO procrastinate_jobs VALUES (7, 'visit', 'doing', 1, 'visit yunhe', 'default',"
            " '{}'), (8, 'visit', 'todo', NULL, 'visit x', 'default', '{}');"
        )
        trips(jobs_check(opened(home)), Level.GOOD, "no job stands still")
        add = "INSERT INTO procrastinate_jobs VALUES"
        part = """'{"command": "reread --portal yunhe"}'"""
        ledger.execute(f"{add} (11, 'part', 'todo', NULL, NULL, 'given up', {part})")
        ledger.commit()
        trips(
            jobs_check(opened(home)), Level.WARN, "gave up: 1 (reread --portal yunhe)", "--status"
        )
        ledger.execute(f"{add} (9, 'visit', 'doing', 2, 'visit dongli', 'default', '{{}}')")
        ledger.execute(f"{add} (10, 'visit', 'doing', 5, NULL, 'default', '{{}}')")
    found = jobs_check(opened(home))
    trips(
        found,
        Level.BAD,
        "jobs that stand still: 2 (visit dongli (job 9), visit (job 10))",
        "worker",
    )


async def make_queue(place: str, store: Store) -> None:
    app = app_for(place)
    async with app.open_async():
        await prepare(store, app)


@pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
def test_a_job_that_stands_still_in_a_queue_on_postgresql(home: Path) -> None:
    with empty_database() as place, open_indexed(place) as store:
        asyncio.run(make_queue(place, store))
        with store.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '1 hour'), (now());"
                "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, status,"
                " worker_id) VALUES ('default', 'visit', 'visit dongli', 'doing', 1),"
                " ('default', 'visit', 'visit yunhe', 'doing', 2)"
            )
        there = replace(subject(home), store=store, now=clock.now())
        trips(jobs_check(there), Level.BAD, "stand still: 1 (visit dongli (job 1))", "worker")


def test_a_body_that_published_every_year_and_fell_silent_is_named(tmp_path: Path) -> None:
    home, now = tmp_path / "home", THEN
    years = range(now.year - 4, now.year - 1)
    with Store.open(home) as store:
        crawl(store, [named(y) for y in years], {page_of(y): report(y) for y in years}, now=now)
        cover(store, None, now=now)
        [silent] = bodies_silent(store, now)
        assert (silent.body, silent.year) == ("崇川区人民政府", now.year - 1)
        assert bodies_silent(store, now.replace(month=2)) == [], "the deadline is to come"
    trips(silent_check(opened(home, now=now)), Level.WARN, f"崇川区人民政府 {now.year - 1}",
          "coverage --state missing")  # fmt: skip


def test_a_bad_portal_is_named(home: Path) -> None:
    values = "(run_id, portal_key, verdict, reason, counts)"
    change(home, f"INSERT INTO run_portal {values} SELECT 1, key, 'bad', 'everything is gone', '{{}}'"  # noqa: S608 - ours
           " FROM portal")  # fmt: skip
    trips(seen(home, "silent portals"), Level.GOOD, "none of 0", "")
    row = '[mine]\nname = "x"\nentries = ["http://www.x.gov.cn/"]\n'
    (home / "portals.toml").write_text(row)
    change(
        home,
        "UPDATE portal SET key = 'mine', source = 'user' WHERE key = (SELECT min(key) FROM portal)",
    )
    change(
        home,
        "UPDATE run_portal SET portal_key = 'mine' WHERE portal_key NOT IN (SELECT key FROM portal)",
    )
    found = seen(home, "silent portals")
    trips(found, Level.WARN, "bad portals: 1 of 1 (mine: everything is gone)", "crawl mine")


def test_the_command_prints_levels_and_ends_with_them(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", "0")
    assert main(["doctor", "--home", str(home)]) == 0
    told = capsys.readouterr().out
    assert "good  ledger: the pages of all" in told
    assert "      → gongkai backup -o FOLDER\n" in told
    [file] = (home / "warc").glob("*.warc.gz")
    file.unlink()
    assert main(["doctor", "--json", "--home", str(home)]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [row["check"] for row in rows] == ["schema", *(each.name for each in doctor.CHECKS)]
    assert [row["check"] for row in rows if row["level"] == "bad"] == ["WARC files"]
    assert main(["doctor", "--home", str(home / "none")]) == 2
