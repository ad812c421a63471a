"""Two archives become one: nothing lost, nothing doubled, the other's seals still good."""

import shlex
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.cli import main
from archive.model.errors import HomeLockedError, UsageError
from archive.search.index_check import index_faults
from archive.store import Store
from archive.store.engine import place_of
from archive.store.schema import capture, outcome, page, run, version, warc_file
from archive.store.unfinished_merges import unfinished_merges
from archive.store.write.captures import archive_id
from archive.warc.mark import Mark, mark_folder
from archive.work.home import Home
from archive.work.ingest.covering import cover
from archive.work.jobs.upkeep import keep_up
from archive.work.open_archive import open_archive
from archive.work.preservation.merge import Merged, merge
from tests.support.engines import SERVER, empty_database
from tests.support.invented import (
    DAY,
    QINGSHAN,
    YUNHE,
    Site,
    county,
    crawl,
    fill,
    open_indexed,
    report,
    url,
)
from tests.work.preservation.seal.archives import change
from tests.work.preservation.test_move import exported

LATER = DAY + timedelta(days=40)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("merge") / "home"
    fill(folder).close()
    return folder


@pytest.fixture(scope="session")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One portal that the other archive has too, visited later; 2021 says what it said at last,
    2023 is new in its text.
    """
    folder = tmp_path_factory.mktemp("merge") / "later"
    with open_indexed(folder) as store:
        pages = county(YUNHE, "云河县", range(2019, 2025))
        pages[url(YUNHE, 2021)] = report("云河县", 2021, granted=63, prose="新增一句。")
        pages[url(YUNHE, 2023)] = report("云河县", 2023, granted=70)
        crawl(store, Site(readings=pages), now=LATER, job="later")
        cover(store, None, now=LATER)
        with store.write() as connection:
            connection.execute(warc_file.update().values(name="later.warc.gz"))
    return folder


@pytest.fixture
def homes(filled: Path, later: Path, tmp_path: Path) -> tuple[Path, Path]:
    return (
        shutil.copytree(filled, tmp_path / "home"),
        shutil.copytree(later, tmp_path / "later"),
    )


def merged(
    home: Path,
    other: Path,
    stop_at: int | None = None,
    place: str | None = None,
    source: str | None = None,
) -> Merged:
    left = stop_at

    def on_pages(count: int) -> None:
        nonlocal left
        if left is not None:
            left -= 1
            if left <= 0:
                raise KeyboardInterrupt

    return merge(
        Home(home), place or home, Home(other), source or other,
        on_total=lambda _: None, on_pages=on_pages,
    )  # fmt: skip


def counts(home: Path | str) -> Counter[str]:
    with Store.open(home) as store, store.read() as connection:
        return Counter(
            {
                table.name: connection.scalar(select(func.count()).select_from(table))
                for table in (run, page, capture, version, outcome)
            }
        )


def numbers(home: Path, address: str) -> list[tuple[int, bool]]:
    """The versions of a page by time, and which of them it shows."""
    query = (
        select(version.c.number, version.c.number == page.c.versions)
        .join(page, page.c.id == version.c.page_id)
        .where(page.c.url == address)
        .order_by(version.c.captured_at)
    )
    with Store.open(home) as store, store.read() as connection:
        return [(row[0], bool(row[1])) for row in connection.execute(query)]


def test_what_both_have_stays_once_and_the_rest_comes(homes: tuple[Path, Path]) -> None:
    home, other = homes
    before, theirs = counts(home), counts(other)
    done = merged(home, other)
    after = counts(home)
    assert done.runs == theirs["run"] == after["run"] - before["run"]
    assert done.captures == theirs["capture"] == after["capture"] - before["capture"]
    assert after["outcome"] == before["outcome"] + theirs["outcome"]
    assert after["page"] == before["page"]
    assert done.versions == after["version"] - before["version"] == 1
    assert numbers(home, url(YUNHE, 2023)) == [(1, False), (2, True)]
    assert numbers(home, url(YUNHE, 2021)) == [(1, False), (2, True)]
    with open_archive(home) as store:
        assert not list(index_faults(store, deep=True))


@pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
def test_an_archive_on_postgresql_takes_another_in_as_one_on_sqlite_does(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    home, other = homes
    shared = shutil.copytree(home, tmp_path / "shared")
    merged(home, other)
    with empty_database() as place:
        assert main(["move", place, "--home", str(shared)]) == 0
        done = merged(shared, other, place=place)
        assert counts(place) == counts(home)
        assert (done.runs, done.versions) == (1, 1)
        with open_archive(place) as store:
            assert not list(index_faults(store, deep=True))
        again = merged(shared, other, place=place)
        assert (again.runs, again.captures, again.versions) == (0, 0, 0)


@contextmanager
def on_postgresql(home: Path) -> Iterator[str]:
    """The ledger of a home, moved to a database of its own; WARC files, with a mark, stay there."""
    with open_archive(home) as store, store.read() as connection:
        mine = archive_id(connection)
    Home(home).make()
    mark_folder(Home(home).warc, Mark(archive_id=mine, ledger=str(home / "archive.sqlite")))
    with empty_database() as place:
        assert main(["move", place, "--home", str(home)]) == 0
        yield place


@pytest.mark.timeout(900)
@pytest.mark.skipif(not SERVER, reason="needs GONGKAI_TEST_PG")
@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_an_archive_on_postgresql_comes_as_one_on_sqlite_does(
    homes: tuple[Path, Path],
    target: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home, other = homes
    wanted = shutil.copytree(home, tmp_path / "wanted")
    merged(wanted, shutil.copytree(other, tmp_path / "as-it-was"))
    with ExitStack() as held:
        source = held.enter_context(on_postgresql(other))
        place = held.enter_context(on_postgresql(home)) if target == "postgresql" else None
        for stop_at in (0, 0):
            with pytest.raises(KeyboardInterrupt):
                merged(home, other, stop_at, place, source)
        half = unfinished(place or home)
        assert half == f"the merge of {other} is not finished: {again_with(other, source)}"
        if place:
            assert keep_up(Home(home), place, seal=True) == (f"this run is not sealed: {half}",)
            monkeypatch.setenv("GONGKAI_DATABASE_URL", place)
        command = ["merge", str(other), "--database", source, "--home", str(home)]
        assert main(command) == 0
        assert capsys.readouterr().out.endswith(f"seals --home {home}/merged/{_id(source)}\n")
        assert exported(place or home, tmp_path / "got") == exported(wanted, tmp_path / "same")
        assert main(command) == 0
        assert ": 0 runs, 0 captures and 0 versions came" in capsys.readouterr().out
        assert counts(place or home) == counts(wanted)
        assert counts(home / "merged" / _id(source)) == counts(source)
        assert unfinished(place or home) == ""


def unfinished(place: str | Path) -> str:
    with open_archive(place) as store, store.read() as connection:
        return "; ".join(map(str, unfinished_merges(connection)))


def again_with(other: Path, source: str) -> str:
    return f"run `{shlex.join(['gongkai', 'merge', str(other), '--database', place_of(source)])}` again"


def _id(place: str) -> str:
    with open_archive(place) as store, store.read() as connection:
        return archive_id(connection)


def test_an_older_archive_takes_its_place_in_time(homes: tuple[Path, Path]) -> None:
    home, other = homes
    merged(other, home)
    assert numbers(other, url(YUNHE, 2023)) == [(2, False), (1, True)]
    assert numbers(other, url(YUNHE, 2021)) == [(2, False), (1, True)]
    assert counts(other)["version"] == counts(home)["version"] + 1
    with open_archive(other) as store:
        assert not list(index_faults(store, deep=True))


def test_the_same_again_adds_nothing(homes: tuple[Path, Path]) -> None:
    home, other = homes
    merged(home, other)
    before = counts(home)
    again = merged(home, other)
    assert (again.runs, again.captures, again.versions) == (0, 0, 0)
    assert counts(home) == before


def test_what_was_ended_goes_on(
    homes: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, other = homes
    change(other, "UPDATE capture SET refers_to = (SELECT max(id) FROM capture) WHERE id = 1")
    wanted = shutil.copytree(home, tmp_path / "wanted")
    monkeypatch.setattr("archive.store.merging._PAGES", 2)
    whole = merged(wanted, other)
    for portions in (1, 2):
        with pytest.raises(KeyboardInterrupt):
            merged(home, other, portions)
        with Store.open(home) as store, store.write() as connection:
            connection.execute(run.update().values(recorded_at=DAY))
    assert 0 < counts(home)["capture"] < counts(wanted)["capture"]
    done = merged(home, other)
    assert (done.runs, done.captures, done.versions) == (
        whole.runs, whole.captures, whole.versions,
    )  # fmt: skip
    assert counts(home) == counts(wanted)
    assert exported(home, tmp_path / "one") == exported(wanted, tmp_path / "two")
    assert referring(home) == referring(wanted) == 1
    with Store.open(home) as store, store.read() as connection:
        recorded = connection.scalars(select(run.c.recorded_at).order_by(run.c.id)).all()
    assert recorded[:-1] == [DAY, DAY], "what came is written down anew, as a whole"
    assert recorded[-1] > DAY


def referring(home: Path) -> int:
    """How many captures refer to another one."""
    with Store.open(home) as store, store.read() as connection:
        return len(connection.scalars(select(capture.c.refers_to).where(
            capture.c.refers_to.is_not(None))).all())  # fmt: skip


def test_what_one_archive_alone_has_comes_as_it_is(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    home, _ = homes
    empty = tmp_path / "empty"
    merged(empty, home)
    assert counts(empty) == counts(home)
    with open_archive(empty) as store, store.read() as connection:
        entries = connection.scalars(select(page.c.url).where(page.c.portal_key == QINGSHAN))
        assert len(list(entries)) == 3


def test_a_copy_and_readers_that_differ_are_refused(
    homes: tuple[Path, Path], tmp_path: Path
) -> None:
    home, other = homes
    assert main(["merge", str(home), "--home", str(home)]) == 2
    copy = shutil.copytree(home, tmp_path / "copy")
    with pytest.raises(UsageError, match="this very archive"):
        merged(home, copy)
    with Store.open(other) as store, store.write() as connection:
        connection.execute(version.update().values(reader_version="older"))
    with pytest.raises(UsageError, match=r"7 pages of both .* `gongkai reread` in both"):
        merged(home, other)
    with Store.open(home) as store, store.write() as connection:
        connection.execute(warc_file.update().values(location="s3://there"))
    with pytest.raises(UsageError, match=r"1 WARC files of .* in a bucket"):
        merged(other, home)


def test_nothing_is_merged_while_a_crawl_runs(homes: tuple[Path, Path]) -> None:
    home, other = homes
    with Home(other).locked(), pytest.raises(HomeLockedError, match="gongkai crawl"):
        merged(home, other)
    assert main(["merge", str(other / "nothing"), "--home", str(home)]) == 2


def test_an_archive_whose_ledger_is_elsewhere_is_asked_for_it(
    homes: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, _ = homes
    url = "postgresql://me:s3cret@db.example/reports"
    assert main(["merge", url, "--home", str(home)]) == 2
    told = capsys.readouterr().err
    assert "is a URL: name the home where its WARC files are, and the ledger with --dat" in told
    assert "s3cret" not in told
    other = Home(tmp_path / "other")
    other.make()
    mark_folder(other.warc, Mark(archive_id="x", ledger="postgresql://me@db.example/reports"))
    assert main(["merge", str(other.path), "--home", str(home)]) == 2
    told = capsys.readouterr().err
    assert f"the ledger of {other.path} is at postgresql://me@db.example/reports" in told
    assert f"gongkai merge {other.path} --database URL" in told
    assert main(["merge", str(tmp_path), "--database", url, "--home", str(home)]) == 2
    told = capsys.readouterr().err
    assert f"{tmp_path} is no home of an archive with its ledger at postgresql://me" in told
    assert "s3cret" not in told
