"""A new ledger takes the place of an old one in one step, and the old one is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError
from archive.store.put_in_place import put_in_place


def made(path: Path, word: str) -> Path:
    with closing(sqlite3.connect(path)) as ledger:
        ledger.execute("PRAGMA journal_mode = WAL")
        ledger.execute("CREATE TABLE said (word TEXT)")
        ledger.execute("INSERT INTO said VALUES (?)", (word,))
        ledger.commit()
    return path


def said(path: Path) -> str:
    with closing(sqlite3.connect(path)) as ledger:
        return str(ledger.execute("SELECT word FROM said").fetchone()[0])


def test_where_there_was_none_it_is_moved(tmp_path: Path) -> None:
    assert put_in_place(made(tmp_path / "new", "new"), tmp_path / "ledger") is None
    assert said(tmp_path / "ledger") == "new"
    assert not (tmp_path / "new").exists()


def test_the_former_one_is_kept_each_time(tmp_path: Path) -> None:
    made(tmp_path / "ledger", "first")
    for number, word in enumerate(("second", "third"), start=1):
        aside = put_in_place(made(tmp_path / "new", word), tmp_path / "ledger")
        assert aside == tmp_path / f"ledger.before-rebuild-{number}"
    assert [said(tmp_path / f"ledger{end}") for end in
            (".before-rebuild-1", ".before-rebuild-2", "")] == ["first", "second", "third"]  # fmt: skip


def test_what_stood_in_the_log_of_the_former_one_is_kept_with_it(tmp_path: Path) -> None:
    target = made(tmp_path / "ledger", "old")
    with closing(sqlite3.connect(target)) as reader:
        reader.execute("INSERT INTO said VALUES ('in the log')")
        reader.commit()
        aside = put_in_place(made(tmp_path / "new", "new"), target)
    assert said(target) == "new"
    assert aside is not None
    with closing(sqlite3.connect(aside)) as old:
        assert old.execute("SELECT count(*) FROM said").fetchone() == (2,)


def test_a_ledger_that_is_being_read_is_left_alone(tmp_path: Path, monkeypatch) -> None:
    target = made(tmp_path / "ledger", "old")
    with closing(sqlite3.connect(target)) as reader, closing(sqlite3.connect(target)) as writer:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM said").fetchall()
        writer.execute("INSERT INTO said VALUES ('later')")
        writer.commit()
        connect = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda path, timeout=0: connect(path, timeout=0))
        with pytest.raises(CannotRunError, match="is in use"):
            put_in_place(made(tmp_path / "new", "new"), target)
    monkeypatch.undo()
    assert said(target) == "old"


def test_a_damaged_one_is_kept_as_it_is(tmp_path: Path) -> None:
    target = tmp_path / "ledger"
    target.write_bytes(b"no database" * 500)
    put_in_place(made(tmp_path / "new", "new"), target)
    assert said(target) == "new"
    assert (tmp_path / "ledger.before-rebuild-1").read_bytes() == b"no database" * 500


def test_a_disk_that_refuses_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CannotRunError, match="cannot move"):
        put_in_place(tmp_path / "none", tmp_path / "ledger")
