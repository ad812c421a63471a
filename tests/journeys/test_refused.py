"""What the system refuses is one line that says what helps, and exit status 4."""

import logging
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.command import refused
from archive.model.errors import CannotRunError
from archive.store import Store, catalogue, engine
from archive.store.engine import DATABASE_NAME
from archive.work import open_archive as opener
from archive.work.atomic_file import atomic_file
from archive.work.home import Home
from archive.work.open_archive import open_archive
from crawler.job import _Log
from tests.support.command import Gongkai
from tests.support.transactions import fetch


def error_line(gongkai: Gongkai, *args: str, before: Callable[[], None] | None = None) -> str:
    process = gongkai.start(*args, preexec_fn=before) if before else gongkai.begin(*args)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 4, out + err
    said = [line for line in err.splitlines() if line.startswith("gongkai:")]
    assert len(said) == 1, err
    assert "Traceback" not in err
    assert "Errno" not in err
    return said[0]


def no_byte_may_be_written() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def test_a_crawl_that_cannot_write_a_byte_says_so(gongkai: Gongkai) -> None:
    said = error_line(
        gongkai, "crawl", "http://127.0.0.1:9/", "--delay", "0", before=no_byte_may_be_written
    )
    assert "make room" in said


def test_a_log_that_cannot_be_opened_is_named(gongkai: Gongkai) -> None:
    (gongkai.home / "logs" / "crawl.log").mkdir(parents=True)
    assert "crawl.log" in error_line(gongkai, "crawl", "http://127.0.0.1:9/", "--delay", "0")


def test_a_log_that_cannot_be_written_says_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    log = _Log(tmp_path / "crawl.log")
    monkeypatch.setattr(log, "format", full)
    log.handle(logging.LogRecord("a", logging.INFO, "a.py", 1, "lost", (), None))
    log.close()
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_begun_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotRunError, match="cannot be written"),
        atomic_file(tmp_path / "no" / "a"),
    ):
        pytest.fail("nothing can be written here")


def test_an_output_without_a_name_is_the_output() -> None:
    assert refused(OSError(28, "No space left on device")).startswith("the output: No space left")
    assert "cannot be written; choose another" in refused(OSError(30, "Read-only", "/a"))
    assert refused(OSError(2, "No such file or directory", "a")) == "a: No such file or directory"


def test_a_full_disk_is_asked_without_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path)
    Store.open(home.path).close()
    for module in (opener, engine):
        monkeypatch.setattr(module, "can_grow", lambda _folder: False)
    log = tmp_path / f"{DATABASE_NAME}-wal"
    log.touch()  # as a crawl leaves it that could not write a byte
    with open_archive(home.path) as store:
        assert fetch(store, catalogue.portals) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == [DATABASE_NAME, log.name]


def test_what_a_library_meets_while_it_clears_away_is_not_shown(gongkai: Gongkai) -> None:
    """A workbook on a full disk left three tracebacks of zipfile and lxml."""
    Store.open(gongkai.home).close()
    output = str(gongkai.home / "a.xlsx")
    error_line(gongkai, "export", "portals", "-o", output, before=no_byte_may_be_written)
