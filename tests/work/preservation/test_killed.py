"""Ended at twenty moments of its work as kill -9 ends it, each command that keeps or takes in files
loses nothing: the same command finishes, and what it leaves is what it leaves undisturbed.

The moments are of processor time behind the loading of modules, so that they lie within the work on
a slow machine, too.
"""

import json
import os
import shutil
import signal
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from archive.cli import main
from tests.journeys.test_rebuild import exported, lose_ledger
from tests.support.bundle import InProcess
from tests.work.imports.test_kills import county, told
from tests.work.preservation.test_reread import understood

KILLS = 20
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


@dataclass(frozen=True)
class Work:
    """A command; what puts everything back to before it; what it leaves, as far as that is the same
    each time.
    """

    arguments: list[str]
    reset: Callable[[], object]
    left: Callable[[], object]


def ended(arguments: list[str], after_s: float | None) -> tuple[int, float]:
    """How the command ends in a process of its own, and the processor time that it took. after_s: of
    that time, when the kernel ends it: no code of the process runs then, as with SIGKILL.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 4
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            began = time.process_time()
            if after_s is not None:
                signal.signal(signal.SIGPROF, signal.SIG_DFL)
                signal.setitimer(signal.ITIMER_PROF, after_s)
            status = main(arguments)
            os.write(writing, str(time.process_time() - began).encode())
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as answer:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return status, float(answer.read() or 0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county(tmp_path_factory.mktemp("theirs") / "county.warc.gz", 40)


@pytest.fixture(scope="module")
def archive(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    gongkai = InProcess(tmp_path_factory.mktemp("taken-in") / "home")
    gongkai.run("import", str(file))
    return gongkai.home


@pytest.fixture
def here(tmp_path: Path) -> InProcess:
    return InProcess(tmp_path / "home")


def importing(here: InProcess, archive: Path, file: Path) -> Work:
    def left() -> object:
        here.run("verify", "--deep")
        return told(here)

    return Work(["import", str(file)], lambda: shutil.rmtree(here.home, ignore_errors=True), left)


def rereading(here: InProcess, archive: Path, file: Path) -> Work:
    def older() -> None:
        copied(here, archive)
        with closing(sqlite3.connect(here.home / "archive.sqlite")) as ledger, ledger:
            ledger.execute("UPDATE version SET reader_version = '1'")

    def left() -> object:
        here.run("verify", "--deep")
        return understood(here)

    return Work(["reread"], older, left)


def bundling(here: InProcess, archive: Path, file: Path) -> Work:
    output = here.home.parent / "out" / "x.wacz"

    def fresh() -> None:
        copied(here, archive)
        shutil.rmtree(output.parent, ignore_errors=True)
        output.parent.mkdir()

    def left() -> object:
        assert [path.name for path in output.parent.iterdir()] == ["x.wacz"]
        with zipfile.ZipFile(output) as bundle:  # the last two have the time of making
            return [(each.filename, each.CRC) for each in bundle.infolist()][:-2]

    return Work(["wacz", "-o", str(output)], fresh, left)


def sealing(here: InProcess, archive: Path, file: Path) -> Work:
    def fresh() -> None:
        copied(here, archive)
        shutil.rmtree(here.home / "seals", ignore_errors=True)
        Path(f"{os.environ['GONGKAI_SEAL_KEY']}.heads").unlink(missing_ok=True)

    def left() -> object:
        public = f"{os.environ['GONGKAI_SEAL_KEY']}.pub"
        here.run("verify", "--seals", "--key", public)
        return sorted(path.name for path in (here.home / "seals").iterdir())

    return Work(["seal"], fresh, left)


def backing_up(here: InProcess, archive: Path, file: Path) -> Work:
    backup = here.home.parent / "backup"

    def fresh() -> None:
        copied(here, archive)
        shutil.rmtree(backup, ignore_errors=True)

    def left() -> object:
        assert main(["verify", str(backup)]) == 0
        [state] = backup.glob("state-*")
        kept = backup.rglob("*.warc.gz")
        return sorted(p.name for p in state.iterdir()), sorted(
            (p.name, p.stat().st_size) for p in kept
        )

    return Work(["backup", "-o", str(backup)], fresh, left)


def rebuilding(here: InProcess, archive: Path, file: Path) -> Work:
    def lost() -> None:
        copied(here, archive)
        lose_ledger(here)

    def left() -> object:
        here.run("verify", "--deep")
        return exported(here)

    return Work(["rebuild"], lost, left)


def copied(here: InProcess, archive: Path) -> None:
    shutil.rmtree(here.home, ignore_errors=True)
    shutil.copytree(archive, here.home)


@pytest.mark.parametrize(
    "making", [importing, rereading, bundling, sealing, backing_up, rebuilding]
)
def test_killed_at_any_moment_the_same_command_finishes(
    making: Callable[[InProcess, Path, Path], Work],
    here: InProcess,
    archive: Path,
    file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = tmp_path / "seal.pem"
    assert main(["seal", "--new-key", str(key)]) == 0
    monkeypatch.setenv("GONGKAI_SEAL_KEY", str(key))
    work = making(here, archive, file)
    command = [*work.arguments, "--home", str(here.home)]
    work.reset()
    status, whole_s = ended(command, None)
    assert status == 0
    wanted = json.dumps(work.left(), default=str)
    work.reset()
    kills = moment = 0
    while kills < KILLS:
        at = whole_s * (moment % KILLS + 0.5) / KILLS
        moment += 1
        assert moment < 10 * KILLS, f"killed {kills} times"
        status, _ = ended(command, at)
        if status == -signal.SIGPROF:
            kills += 1
        else:  # what stood from before left too little to do
            assert status == 0
            work.reset()
    assert ended(command, None)[0] == 0
    assert json.dumps(work.left(), default=str) == wanted
