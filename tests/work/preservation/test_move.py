"""A ledger that moves: to another file, to PostgreSQL, and back."""

import shutil
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from archive.cli import main
from archive.cli.move import what_next
from archive.model.errors import CannotRunError, HomeLockedError, UsageError
from archive.search.index_check import index_faults
from archive.store import Store, upgrade
from archive.store.engine import open_engine
from archive.store.schema import page
from archive.store.upgrade import stored_revision
from archive.warc.mark import Mark, held, read_mark
from archive.work.export.export import export_file
from archive.work.export.tables import TABLES
from archive.work.home import Home
from archive.work.open_archive import open_archive
from archive.work.preservation.move import Moved, move
from tests.support.engines import ENGINES, empty_database
from tests.support.invented import fill


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("move") / "home"
    fill(folder).close()
    return folder


@pytest.fixture
def home(filled: Path, tmp_path: Path) -> Path:
    return shutil.copytree(filled, tmp_path / "home")


@pytest.fixture(params=ENGINES)
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty place for a ledger."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'elsewhere' / 'ledger.sqlite'}"
        return
    with empty_database() as url:
        yield url


def moved(home: Path, source: str | Path, place: str | Path, stop_at: int | None = None) -> Moved:
    """A move that is interrupted when it has told so often how far it is."""
    told = iter(range(1_000_000))

    def on_rows(_count: int, _table: str) -> None:
        if next(told) == stop_at:
            raise KeyboardInterrupt

    return move(Home(home), source, place, on_total=lambda _: None, on_rows=on_rows)


def exported(place: str | Path, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    with open_archive(place) as store:
        assert not list(index_faults(store, deep=True))
        for name in TABLES:
            export_file(store, name, folder / name, lambda _: None, ending=".jsonl")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_there_and_back_every_export_is_equal(home: Path, elsewhere: str, tmp_path: Path) -> None:
    before = exported(home, tmp_path / "before")
    there = moved(home, home, elsewhere)
    assert there.rows > 500
    if elsewhere.startswith("postgresql"):
        with Store.open(elsewhere) as store, store.read() as connection:
            known = text("SELECT count(*) FROM pg_stats WHERE tablename = 'page'")
            assert connection.scalar(known), "the first questions are planned without figures"
    assert exported(elsewhere, tmp_path / "there") == before
    moved(home, elsewhere, home)
    assert exported(home, tmp_path / "after") == before


def test_an_empty_database_is_no_archive_and_stays_empty(elsewhere: str) -> None:
    with pytest.raises(UsageError, match="there is no archive at"):
        open_archive(elsewhere)
    if elsewhere.startswith("postgresql"):
        assert stored_revision(elsewhere) is None


def test_what_was_interrupted_goes_on(home: Path, elsewhere: str, tmp_path: Path) -> None:
    before = exported(home, tmp_path / "before")
    for stop_at in (3, 40, 60):
        with pytest.raises(KeyboardInterrupt):
            moved(home, home, elsewhere, stop_at)
        assert (home / "archive.sqlite").exists()
    if elsewhere.startswith("postgresql"):
        with pytest.raises(CannotRunError, match="not finished: run it again"):
            Store.open(elsewhere)
    moved(home, home, elsewhere)
    assert exported(elsewhere, tmp_path / "there") == before


def test_a_source_that_changed_meanwhile_is_copied_anew(home: Path, elsewhere: str) -> None:
    with pytest.raises(KeyboardInterrupt):
        moved(home, home, elsewhere, 60)
    with Store.open(home) as store, store.write() as connection:
        connection.execute(page.update().values(depth=7))
    moved(home, home, elsewhere)
    with Store.open(elsewhere) as store, store.read() as connection:
        assert set(connection.scalars(page.select().with_only_columns(page.c.depth))) == {7}


def test_what_was_moved_is_out_of_use(home: Path, elsewhere: str) -> None:
    (home / "warc").mkdir()
    with Store.open(home) as store, store.read() as connection:
        mine = connection.scalar(text("SELECT id FROM archive"))
    with held(home / "warc", Mark(archive_id=mine, ledger=str(home / "archive.sqlite"))):
        pass
    assert moved(home, home, elsewhere).kept == str(home / "archive.sqlite.moved-1")
    mark = read_mark(home / "warc")
    assert mark is not None
    assert mark.ledger == moved(home, elsewhere, home / "back").kept.removesuffix(".moved-1")
    with pytest.raises(UsageError, match="were last written it was at"):
        open_archive(home)
    if elsewhere.startswith("postgresql"):
        with pytest.raises(CannotRunError, match=r"was moved to .*back"):
            Store.open(elsewhere)


def test_a_move_that_ended_before_its_last_step_takes_that(home: Path, elsewhere: str) -> None:
    shutil.copy(home / "archive.sqlite", home / "kept")
    moved(home, home, elsewhere)
    shutil.copy(home / "kept", home / "archive.sqlite")
    moved(home, home, elsewhere)
    assert not (home / "archive.sqlite").exists()


def test_nothing_is_moved_onto_another_archive(home: Path, elsewhere: str, tmp_path: Path) -> None:
    fill(elsewhere).close()
    with pytest.raises(UsageError, match="has an archive already"):
        moved(home, home, elsewhere)
    with pytest.raises(UsageError, match=r"is at .* already"):
        moved(home, home, home)
    foreign = tmp_path / "foreign.sqlite"
    engine = open_engine(create_engine(f"sqlite:///{foreign}").url, read_only=False)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE customers (id integer)"))
    engine.dispose()
    with pytest.raises(UsageError, match=r"not empty .*customers"):
        moved(home, home, f"sqlite:///{foreign}")


def test_an_archive_without_anything_may_be_moved_onto(home: Path, elsewhere: str) -> None:
    with Store.open(elsewhere):
        pass
    assert moved(home, home, elsewhere).rows > 500


def test_nothing_moves_while_a_crawl_runs(home: Path, elsewhere: str) -> None:
    with Home(home).locked(), pytest.raises(HomeLockedError, match="gongkai crawl"):
        moved(home, home, elsewhere)


def test_the_command_says_what_to_do_next(
    home: Path, elsewhere: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["move", elsewhere, "--home", str(home)]) == 0
    told = capsys.readouterr()
    assert "each compared" in told.out
    assert f"export GONGKAI_DATABASE_URL={elsewhere}" in told.err
    monkeypatch.setenv("GONGKAI_DATABASE_URL", elsewhere)
    assert main(["move", str(home), "--home", str(home), "--json"]) == 0
    assert "unset GONGKAI_DATABASE_URL" in capsys.readouterr().err
    assert main(["move", str(home / "archive.sqlite"), "--home", str(home)]) == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize("target", ["postgresql//me:s3cret@host/a", "me:s3cret@host", "none/home"])
def test_a_target_that_was_mistyped_is_refused(
    home: Path,
    target: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["move", target, "--home", str(home)]) == 2
    assert "s3cret" not in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_advice_has_whole_paths_and_no_password(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    args = Namespace(home=str(home))
    done = Moved(rows=1, place="elsewhere", kept="")
    assert what_next(args, Path("new"), done).endswith(f"=sqlite:///{tmp_path}/new/archive.sqlite")
    told = what_next(args, "postgresql+psycopg://me:s3cret@host/a?sslpassword=s3cret", done)
    assert "the URL that you gave" in told
    assert "s3cret" not in told


def test_a_move_that_ends_at_its_very_begin_leaves_no_empty_archive(
    home: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is seen of the target from outside is nothing, or a move that is not finished."""
    seen: list[str | None] = []
    migrate = upgrade.bring_up

    def watched(*args: Any, **options: Any) -> None:
        migrate(*args, **options)
        place = elsewhere if elsewhere.startswith("postgresql") else f"{elsewhere}.moving"
        with pytest.raises(CannotRunError, match="not finished"):
            seen.append(stored_revision(place))
        raise KeyboardInterrupt

    monkeypatch.setattr("archive.store.moving.bring_up", watched)
    with pytest.raises(KeyboardInterrupt):
        moved(home, home, elsewhere)
    assert seen == []
