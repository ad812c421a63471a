"""A ledger and its WARC folder belong together: no archive touches the files of another, and a
folder without its ledger is not taken for an empty one.
"""

import errno
import fcntl
import shutil
from contextlib import AbstractContextManager
from itertools import count
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError, HomeLockedError
from archive.store import Store
from archive.store.query import history
from archive.store.write import captures
from archive.warc.mark import MARK_NAME, Mark, held, read_mark
from archive.warc.writer import WarcWriter
from archive.work.home import Home
from archive.work.ingest.archive_writer import ArchiveWriter
from archive.work.ingest.open_to_crawl import Opened, open_to_crawl
from archive.work.preservation.verify import verify_archive
from tests.store.making import NOW
from tests.support.command import Gongkai
from tests.support.site import site_of
from tests.support.transactions import fetch
from tests.warc.making import exchange, writer
from tests.work.ingest.test_archive_writer import fetched, leases_of

_STARTS = count(step=1000)


def shelf_of(archive: Opened, folder: Path) -> WarcWriter:
    """A writer whose files and records have names of their own."""
    return writer(folder, start=next(_STARTS), archive_id=archive.archive_id)


def opened(home: Home) -> AbstractContextManager[Opened]:
    return open_to_crawl(home, home.path, "a test", NOW)


def crawled(home: Home, pages: int = 1, *, killed: bool = False) -> None:
    """Some captures, committed; killed: the file stays as a crash leaves it, with one more."""
    with opened(home) as archive:
        leases = leases_of(archive.store, pages)
        warc = shelf_of(archive, home.warc)
        ledger = ArchiveWriter(archive.store, warc)
        for number, lease in enumerate(leases):
            ledger.keep(lease, fetched(number)).result()
        if killed:
            ledger._broken = RuntimeError("killed")
        ledger.close()
        if killed:
            warc.append(exchange())
            warc.sync()


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_crawl_into_the_folder_of_a_running_one_is_refused(tmp_path: Path) -> None:
    """It deleted the file that the other was writing, and the other ended good."""
    shared = tmp_path / "warc"
    first, second = (Home(tmp_path / name, shared) for name in "ab")
    with opened(first) as archive:
        leases = leases_of(archive.store, 2)
        ledger = ArchiveWriter(archive.store, shelf_of(archive, shared))
        ledger.keep(leases[0], fetched(0)).result()
        before = files_of(shared)
        with pytest.raises(CannotRunError, match=r"another archive, .*a/archive\.sqlite.*WARC_URL"):
            opened(second).__enter__()
        assert files_of(shared) == before
        assert not second.database.exists(), "a ledger was made that would be in the way"
        ledger.keep(leases[1], fetched(1)).result()
        ledger.close()
        store = archive.store
        assert not list(
            verify_archive(
                first,
                fetch(store, history.committed_captures),
                fetch(store, captures.committed_ends),
            )
        )


def test_two_archives_in_one_folder_by_the_command(tmp_path: Path, monkeypatch) -> None:
    with site_of(3) as site:
        shared = tmp_path / "a" / "warc"
        Gongkai(tmp_path / "a").crawl(site.entry)
        other = Gongkai(tmp_path / "b")
        other.crawl(site.entry)
        shutil.rmtree(tmp_path / "b" / "warc")
        (tmp_path / "b" / "warc").symlink_to(shared)
        before = files_of(shared)
        other.run("crawl", site.entry, "--delay", "0", status=4)
        assert "another archive" in other.stderr
        assert other.stderr.count("gongkai:") == 1
        assert files_of(shared) == before


def test_a_second_crawl_with_a_copy_of_the_ledger_waits_its_turn(tmp_path: Path) -> None:
    shared = tmp_path / "warc"
    first, second = (Home(tmp_path / name, shared) for name in "ab")
    crawled(first)
    shutil.copytree(first.path, second.path)
    with opened(first), pytest.raises(HomeLockedError, match="another crawl is writing"):
        opened(second).__enter__()
    with opened(second):
        pass


def test_warc_files_without_their_ledger_stop_the_crawl(gongkai: Gongkai) -> None:
    with site_of(2) as site:
        gongkai.crawl(site.entry)
        for path in gongkai.home.glob("archive.sqlite*"):
            path.unlink()
        before = files_of(gongkai.home / "warc")
        gongkai.run("crawl", site.entry, "--delay", "0", status=4)
        assert "`gongkai rebuild` makes it again" in gongkai.stderr
        assert not (gongkai.home / "archive.sqlite").exists()
        assert files_of(gongkai.home / "warc") == before
        gongkai.run("verify", status=4)
        assert "no ledger" in gongkai.stderr
        (gongkai.home / "warc").rename(gongkai.home / "warc-before")
        assert gongkai.crawl(site.entry)["outcomes"] == {"new": 3}


@pytest.mark.parametrize("marked", [True, False])
def test_a_new_ledger_in_the_place_of_a_lost_one_knows_nothing_of_the_files(
    home: Home, tmp_path: Path, *, marked: bool
) -> None:
    crawled(home)
    if not marked:
        (home.warc / MARK_NAME).unlink()
    Store.open(tmp_path / "new").close()
    shutil.copy(tmp_path / "new" / "archive.sqlite", home.database)
    before = files_of(home.warc)
    with pytest.raises(CannotRunError, match=r"gongkai rebuild"):
        opened(home).__enter__()
    assert files_of(home.warc) == before


def test_an_archive_from_before_the_marks_takes_its_folder(home: Home) -> None:
    crawled(home)
    (home.warc / MARK_NAME).unlink()
    with opened(home) as archive:
        mark = read_mark(home.warc)
        assert mark == Mark(archive_id=archive.archive_id, ledger=str(home.database))


def test_a_crash_before_the_first_commit_heals_by_itself(home: Home) -> None:
    with opened(home) as archive:
        warc = shelf_of(archive, home.warc)
        warc.append(exchange())
        warc.sync()
    with opened(home) as archive:
        assert ["set aside" in line for line in archive.recovered] == [True]
    assert not list(home.warc.glob("*.open"))
    crawled(home)


def test_a_crash_between_append_and_commit_heals_by_itself(home: Home) -> None:
    crawled(home, 2, killed=True)
    with opened(home) as archive:
        [line] = archive.recovered
        assert "set aside as aside/" in line
        store = archive.store
        assert not list(
            verify_archive(
                home,
                fetch(store, history.committed_captures),
                fetch(store, captures.committed_ends),
            )
        )


def test_an_older_copy_of_the_ledger_costs_no_byte(home: Home, tmp_path: Path) -> None:
    crawled(home)
    older = shutil.copy(home.database, tmp_path / "older.sqlite")
    crawled(home, 3, killed=True)
    before = b"".join(files_of(home.warc).values())
    for path in home.path.glob("archive.sqlite*"):
        path.unlink()
    shutil.copy(older, home.database)
    with opened(home):
        pass
    after = files_of(home.warc) | files_of(home.warc / "aside")
    assert sorted(before) == sorted(b"".join(after.values()))


def test_a_mark_that_cannot_be_read_stops_the_crawl(home: Home) -> None:
    crawled(home)
    (home.warc / MARK_NAME).write_bytes(b"\xff\x00 = ")
    with pytest.raises(CannotRunError, match="damaged"):
        opened(home).__enter__()


def test_a_file_system_without_locks_is_kept_apart_by_the_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    with held(tmp_path, Mark(archive_id="1", ledger="a")) as fresh:
        assert fresh
    with pytest.raises(CannotRunError, match="another archive"):
        held(tmp_path, Mark(archive_id="2", ledger="b")).__enter__()


def test_a_file_system_without_links_is_marked_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    with held(tmp_path, Mark(archive_id="1", ledger="甲/a\n\udc80")):
        pass
    assert [path.name for path in tmp_path.iterdir()] == [MARK_NAME]
    assert read_mark(tmp_path) == Mark(archive_id="1", ledger="甲/a\n?")
