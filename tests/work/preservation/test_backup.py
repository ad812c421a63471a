"""Copies of an archive: while it is crawled, again, over kills and full disks; and back."""

import json
import random
import re
import resource
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive.cli import main
from archive.model.errors import CannotRunError, GongkaiError
from archive.store.copying import copy_sqlite, facts_of
from archive.work.home import Home
from archive.work.preservation.backup import Listener, back_up
from archive.work.preservation.backup_manifest import NAME
from archive.work.preservation.verify_round import NOTED_IN
from tests.support.bundle import InProcess
from tests.support.command import Gongkai
from tests.support.site import site_of

Edit = Callable[[dict[str, object]], None]


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def content_of(folder: Path) -> dict[str, bytes]:
    """Every file with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_an_archive_comes_back_as_it_was(own: Gongkai, backup: Path, tmp_path: Path) -> None:
    (own.home / "portals.toml").write_text("# mine\n")
    (own.home / "imports").mkdir()
    (own.home / "imports" / "county.wacz").write_text("an original")
    own.run("verify")
    assert "copied" in own.run("backup", "-o", str(backup))
    restored = InProcess(tmp_path / "new")
    restored.run("restore", str(backup))
    assert not (restored.home / NOTED_IN).exists(), "nobody has looked at these files"
    assert restored.run("verify").endswith("0 errors, 0 warnings\n")
    restored.run("verify", "--seals", status=None)
    assert "error" not in restored.stderr
    before, after = content_of(own.home), content_of(restored.home)
    assert after.pop(NOTED_IN), "what verify has noted of the files that came back"
    # The note that a backup was made is made behind it.
    left_out = {"crawl.lock", "archive.sqlite", "last-backup.json", NOTED_IN}
    assert {name for name in before if name not in after} <= {*left_out, "archive.sqlite-shm",
                                                             "archive.sqlite-wal"}  # fmt: skip
    assert all(before[name] == after[name] for name in after if not name.startswith("archive.sq"))
    for table in ("documents", "figures", "outcomes", "captures"):
        assert restored.rows(table) == own.rows(table)


def test_the_second_backup_copies_what_is_new(own: Gongkai, backup: Path) -> None:
    own.run("backup", "-o", str(backup))
    warc = {path.name: path.stat().st_ino for path in (backup / "warc").glob("*.gz")}
    own.run("backup", "-o", str(backup))
    assert {path.name: path.stat().st_ino for path in (backup / "warc").glob("*.gz")} == warc
    assert [path.name for path in backup.glob("state-*")] == ["state-2"]
    assert not (backup / "copied.jsonl").exists()


def test_a_backup_while_a_crawl_runs_is_whole_and_goes_on(backup: Path, tmp_path: Path) -> None:
    running = InProcess(tmp_path / "home")
    with site_of(60) as site:
        process = running.begin("crawl", site.entry, "--delay", "0")
        while len(site.requests) < 12:
            time.sleep(0.02)
        running.run("backup", "-o", str(backup))
        assert process.poll() is None, "the crawl was over before the backup"
        process.communicate(timeout=100)
        assert process.returncode == 0
        restored = InProcess(tmp_path / "new")
        restored.run("restore", str(backup))
        assert restored.run("verify", "--deep").endswith("0 errors, 0 warnings\n")
        captured = len(restored.rows("captures"))
        assert 0 < captured < len(running.rows("captures"))
        restored.crawl(site.entry)
        assert len(restored.rows("documents")) == len(running.rows("documents"))
        assert restored.run("verify").endswith("0 errors, 0 warnings\n")


def test_a_copy_is_of_one_moment_however_busy_the_ledger_is(tmp_path: Path) -> None:
    """Each step of the copy comes between two commits of somebody else."""
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE t (n INTEGER, filler TEXT)")
        rows = [(n, "x" * 2_000) for n in range(12_000)]
        with writer:
            writer.executemany("INSERT INTO t VALUES (?, ?)", rows)
        steps = []

        def write(done: int, total: int) -> None:
            steps.append((done, total))
            with writer:
                writer.execute("INSERT INTO t VALUES (-1, '')")

        copy_sqlite(path, tmp_path / "b.sqlite", write)
    assert len(steps) > 2
    with closing(sqlite3.connect(tmp_path / "b.sqlite")) as copy:
        assert copy.execute("SELECT count(*) FROM t").fetchone() == (12_000,)
        with pytest.raises(CannotRunError, match="no ledger"):
            facts_of(tmp_path / "b.sqlite")
    assert not list(tmp_path.glob("b.sqlite-*"))


# --- what cannot be -------------------------------------------------------------------------


def test_a_folder_that_holds_something_else_is_refused(own: Gongkai, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "a.txt").write_text("mine")
    own.run("backup", "-o", str(tmp_path / "taken"), status=2)
    own.run("backup", "-o", str(tmp_path / "taken" / "a.txt"), status=2)
    own.run("backup", "-o", str(tmp_path / "none" / "x"), status=2)
    own.run("backup", "-o", str(own.home / "backup"), status=2)
    InProcess(tmp_path / "nobody").run("backup", "-o", str(tmp_path / "x"), status=2)


def test_the_backup_of_another_archive_is_refused(
    own: Gongkai, backup: Path, tmp_path: Path
) -> None:
    own.run("backup", "-o", str(backup))
    before = content_of(backup)
    with closing(sqlite3.connect(own.home / "archive.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE archive SET id = '00000000-0000-4000-8000-000000000000'")
    own.run("backup", "-o", str(backup), status=2)
    assert "another archive" in own.stderr
    after = content_of(backup)
    assert all(after[name] == before[name] for name in before)


def test_what_the_archive_has_lost_stays_in_the_backup(
    own: Gongkai, backup: Path, tmp_path: Path
) -> None:
    own.run("backup", "-o", str(backup))
    before = content_of(backup / "warc")
    first, second = sorted((own.home / "warc").glob("*.gz"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-10])
    own.run("backup", "-o", str(backup), status=1)
    assert content_of(backup / "warc") == before
    InProcess(tmp_path / "new").run("restore", str(backup))
    assert " 0 errors" in InProcess(tmp_path / "new").run("verify")


def test_a_backup_that_lacks_what_its_ledger_knows_says_so(
    own: Gongkai, backup: Path, tmp_path: Path
) -> None:
    lost = min((own.home / "warc").glob("*.gz"))
    lost.unlink()
    own.run("backup", "-o", str(backup), status=1)
    assert lost.name in own.run("verify", str(backup), status=1)
    restored = InProcess(tmp_path / "new")
    restored.run("restore", str(backup), status=1)
    assert lost.name in restored.stderr
    assert (restored.home / "archive.sqlite").is_file()


def test_missing_and_cut_warc_files_are_told(own: Gongkai, backup: Path) -> None:
    first, second = sorted((own.home / "warc").glob("*.gz"))
    first.unlink()
    second.write_bytes(second.read_bytes()[:-10])
    own.run("backup", "-o", str(backup), status=1)
    assert "the file is missing" in own.stderr
    assert "10 committed bytes are missing" in own.stderr


def test_a_home_is_never_restored_over_anything(own: Gongkai, backup: Path, tmp_path: Path) -> None:
    own.run("backup", "-o", str(backup))
    before = content_of(own.home)
    own.run("restore", str(backup), status=2)
    assert content_of(own.home) == before
    InProcess(tmp_path / "new").run("restore", str(tmp_path), status=2)
    InProcess(tmp_path / "none" / "new").run("restore", str(backup), status=2)


def test_a_damaged_backup_is_not_restored(own: Gongkai, backup: Path, tmp_path: Path) -> None:
    own.run("backup", "-o", str(backup))
    assert main(["verify", str(backup)]) == 0
    path = next((backup / "warc").glob("*.gz"))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    restored = InProcess(tmp_path / "new")
    restored.run("restore", str(backup), status=1)
    assert "does not fit its SHA-256" in restored.stderr
    assert main(["verify", str(backup)]) == 1
    path.unlink()
    restored.run("restore", str(backup), status=1)
    assert "is missing from the backup" in restored.stderr
    assert main(["verify", str(backup)]) == 1
    assert not restored.home.exists()
    assert not list(tmp_path.glob(".new*"))


@pytest.mark.parametrize(
    "path", ["../up", "warc/../../up", "/etc/x", "state-1", "other/x", "state-1/a\\b", ""]
)
def test_a_manifest_that_leads_out_is_refused(
    own: Gongkai, backup: Path, tmp_path: Path, path: str
) -> None:
    own.run("backup", "-o", str(backup))
    edit(backup, lambda found: found["files"][0].update(path=path))
    InProcess(tmp_path / "new").run("restore", str(backup), status=1)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found.update(state=".."),
        lambda found: found.update(format="other"),
        lambda found: found.update(files=7),
        lambda found: found["files"][0].update(size_bytes=-1),
        lambda found: found.pop("archive_id"),
    ],
)
def test_a_manifest_that_is_none_is_refused(
    own: Gongkai, backup: Path, tmp_path: Path, change: Edit
) -> None:
    own.run("backup", "-o", str(backup))
    edit(backup, change)
    InProcess(tmp_path / "new").run("restore", str(backup), status=1)


def edit(backup: Path, change: Edit) -> None:
    found = json.loads((backup / NAME).read_text())
    change(found)
    (backup / NAME).write_text(json.dumps(found))


# --- disks and kills ------------------------------------------------------------------------


def small_disk() -> None:
    """No file may grow beyond 64 KiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))


def test_a_full_disk_is_one_line_and_leaves_the_backup_before(
    own: Gongkai, backup: Path, tmp_path: Path
) -> None:
    own.run("backup", "-o", str(backup))
    before = json.loads((backup / NAME).read_text())
    for arguments in (("backup", "-o", str(backup)), ("restore", str(backup))):
        here = own if arguments[0] == "backup" else Gongkai(tmp_path / "new")
        process = here.start(*arguments, preexec_fn=small_disk)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 4, err
        assert err.count("gongkai:") == 1
        assert "Traceback" not in err
    assert json.loads((backup / NAME).read_text()) == before
    assert main(["verify", str(backup)]) == 0
    assert not (tmp_path / "new").exists()
    own.run("backup", "-o", str(backup))


def test_a_full_disk_is_the_one_that_is_written_to(own: Gongkai, backup: Path) -> None:
    process = own.start("backup", "-o", str(backup), preexec_fn=small_disk)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert f"{backup}/state-1/archive.sqlite" in err
    assert str(own.home) not in err


def test_damage_of_what_is_copied_is_its_own(own: Gongkai, backup: Path) -> None:
    ledger = own.home / "archive.sqlite"
    with closing(sqlite3.connect(ledger)) as stored:
        stored.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [size] = stored.execute("PRAGMA page_size").fetchone()
    raw = bytearray(ledger.read_bytes())
    raw[size * 3 :] = b""
    ledger.write_bytes(raw)
    backup.mkdir()
    with pytest.raises(GongkaiError, match=re.escape(f"the ledger {ledger} is damaged")):
        copy_sqlite(ledger, backup / "copy.sqlite", lambda *_: None)


def test_a_disk_without_room_is_told_before_anything_is_copied(
    own: Gongkai, backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(CannotRunError, match="make room"):
        back_up(
            Home(own.home), own.home / "archive.sqlite", backup,
            created="", software="",
            listener=Listener(on_pages=print, on_files=print, on_file=print),
        )  # fmt: skip


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_kills_leave_the_backup_before_and_the_same_command_finishes(
    own: Gongkai, backup: Path, tmp_path: Path, kills: int
) -> None:
    own.run("backup", "-o", str(backup))
    moments = random.Random(2)
    for _ in range(kills):
        process = own.start("backup", "-o", str(backup))
        time.sleep(moments.uniform(0.3, 0.9))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert main(["verify", str(backup)]) == 0
    own.run("backup", "-o", str(backup))
    assert len(list(backup.glob("state-*"))) == 1
    restored = InProcess(tmp_path / "new")
    for _ in range(kills):
        process = restored.start("restore", str(backup))
        time.sleep(moments.uniform(0.3, 0.7))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        if restored.home.exists():
            assert restored.run("verify").endswith("0 errors, 0 warnings\n")
            shutil.rmtree(restored.home)
    restored.run("restore", str(backup))
    assert not list(tmp_path.glob(".new*"))
    assert restored.run("verify").endswith("0 errors, 0 warnings\n")


def test_two_backups_into_one_folder_wait_for_each_other(own: Gongkai, backup: Path) -> None:
    import fcntl

    own.run("backup", "-o", str(backup))
    with (backup / "backup.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        own.run("backup", "-o", str(backup), status=4)
    assert "another backup is writing" in own.stderr


def test_warc_files_that_lie_elsewhere_come_back_into_one_home(
    own: Gongkai, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (own.home / "warc").rename(tmp_path / "elsewhere")
    monkeypatch.setenv("GONGKAI_WARC_URL", str(tmp_path / "elsewhere"))
    own.run("backup", "-o", str(backup))
    own.run("backup", "-o", str(tmp_path / "elsewhere" / "x"), status=2)
    restored = InProcess(tmp_path / "new")
    restored.run("restore", str(backup), status=2)
    assert "unset GONGKAI_WARC_URL" in restored.stderr
    monkeypatch.delenv("GONGKAI_WARC_URL")
    restored.run("restore", str(backup))
    assert restored.run("verify").endswith("0 errors, 0 warnings\n")
