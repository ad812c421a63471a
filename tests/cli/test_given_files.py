"""Files named on the command line that are none: nothing waits for a pipe, nothing reads for ever."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from archive.work.preservation.backup_manifest import BackupManifest, SavedFile, check_backup
from crawler.cli import main

COMMANDS = (
    ("import", "{}"),
    ("import", "--dry-run", "{}"),
    ("verify", "{}"),
    ("verify", "--seals", "--key", "{}"),
    ("read", "{}"),
    ("wacz", "--list", "{}", "-o", "a.wacz"),
    ("wacz", "--key", "{}", "-o", "a.wacz"),
)
Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    monkeypatch.setenv("GONGKAI_HOME", str(home))

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main([*arguments])
        return status, *capsys.readouterr()

    return run


@pytest.mark.timeout(20)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_pipe_is_refused_at_once(say: Say, tmp_path: Path, command: tuple[str, ...]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    told = f"gongkai: {pipe} is no regular file\n"
    assert say(*(each.format(pipe) for each in command)) == (2, "", told)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("command", ["import", "read", "verify"])
def test_devices_and_sockets_are_refused(say: Say, tmp_path: Path, command: str) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        for path in ("/dev/zero", str(tmp_path / "s")):
            assert say(command, path) == (2, "", f"gongkai: {path} is no regular file\n")


def test_a_folder_is_no_file(say: Say, tmp_path: Path) -> None:
    for command in ("import", "read"):
        told = f"gongkai: {tmp_path} is no regular file\n"
        assert say(command, str(tmp_path)) == (2, "", told)


@pytest.mark.timeout(20)
def test_pipes_in_a_folder_stop_verify_and_restore(say: Say, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.warc.gz")
    assert say("verify", str(tmp_path))[2].endswith("a.warc.gz is no regular file\n")
    os.mkfifo(tmp_path / "backup.json")
    for folder in (tmp_path, tmp_path / "a.warc.gz"):
        status, _, told = say("restore", str(folder), "--home", str(tmp_path / "new"))
        assert (status, " is no " in told) == (2, True)


@pytest.mark.timeout(20)
def test_a_pipe_in_a_backup_is_damage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.warc.gz")
    saved = SavedFile(path="a.warc.gz", size_bytes=1, digest="")
    manifest = BackupManifest(
        archive_id="", revision="", created="", software="", state="state", has_ledger=False,
        files=(saved,),
    )  # fmt: skip
    [damage] = check_backup(tmp_path, manifest)
    assert damage.message.endswith("is no regular file")


@pytest.mark.timeout(20)
def test_portals_are_imported_from_no_pipe(say: Say, tmp_path: Path) -> None:
    pipe = tmp_path / "portals.csv"
    os.mkfifo(pipe)
    status, _, told = say("portals", "import", str(pipe), "--home", str(tmp_path / "home"))
    assert (status, told) == (2, f"gongkai: {pipe} is no regular file\n")
