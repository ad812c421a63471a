"""`gongkai verify` over files and folders: what it looks at, what it says, how it ends."""

import gzip
import json
from pathlib import Path

import pytest

from archive.cli import main
from tests.support.command import Gongkai
from tests.warc.making import packed, shelf
from tests.warc.test_check import GOOD, flipped

ARC = b"filedesc://x.arc 0.0.0.0 20140216050221 text/plain 75\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good files, one of them deep down, and what is no archive at all."""
    deep = tmp_path / "2024" / "01"
    deep.mkdir(parents=True)
    (deep / "a.warc.gz").write_bytes(packed(GOOD))
    (tmp_path / "b.WARC").write_bytes(GOOD.replace(b"000001>", b"000009>"))
    (tmp_path / "notes.txt").write_text("no archive")
    return tmp_path


def test_a_folder_stands_for_all_warc_files_under_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(folder)]) == 0
    assert capsys.readouterr().out == "2 files: 0 errors, 0 warnings\n"
    (folder / "2024" / "c.warc.gz.open").write_bytes(packed(flipped(GOOD)))
    assert main(["verify", str(folder), "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert {Path(row["file"]).name for row in rows if row["rule"] == "block_digest"} == {
        "c.warc.gz.open"
    }


def test_a_folder_without_warc_files_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    assert f"no WARC file under {tmp_path}" in capsys.readouterr().err


@pytest.mark.parametrize(("alone", "status"), [(True, 1), (False, 0)])
def test_files_of_another_format_are_no_damage_but_not_good_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], *, alone: bool, status: int
) -> None:
    """Nothing that was not looked at is called good: not when nothing else was."""
    other = folder / "old.arc.gz"
    other.write_bytes(gzip.compress(ARC))
    assert main(["verify", str(other if alone else folder)]) == status
    told = capsys.readouterr().out
    assert "an ARC file; not looked at" in told
    assert "1 file of another format not looked at" in told


def test_captures_that_say_they_are_cut_are_told_as_incomplete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shelf(tmp_path)
    assert main(["verify", str(path)]) == 0
    assert capsys.readouterr().out.endswith("1 file: 0 errors, 0 warnings, 2 incomplete captures\n")
    assert main(["verify", str(path), "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["severity"], row["rule"]) for row in rows] == [("info", "incomplete")] * 2
    assert "disconnect" in rows[0]["message"]


def test_a_ledger_beside_the_files_of_another_archive_is_told(own: Gongkai) -> None:
    mark = own.home / "warc" / "archive.toml"
    mark.write_text('id = "another"\nledger = "/elsewhere"\n')
    for command in ("verify", "index"):
        own.run(command, status=4)
        assert "belong to another archive" in own.stderr
