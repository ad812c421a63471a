"""kill -9 at any moment of a sealing leaves the next seal whole, or none; the same command ends it."""

import os
import signal
import sys
from pathlib import Path

import pytest

from archive.cli import main
from archive.store import Store
from archive.work.home import Home
from archive.work.preservation.seal.folder import seals_of
from archive.work.preservation.seal.make import make_seal
from tests.work.preservation.seal.archives import PAGE, Sealed, put_warc

# What the kernel is asked for: files opened, renamed, removed, folders read.
EVENTS = ("open", "os.rename", "os.remove", "os.listdir", "os.scandir", "os.truncate")
DONE, KILLED = 0, -signal.SIGKILL


def sealed_and_killed(sealed: Sealed, moment: int) -> int:
    """Seals in a process of its own, which is killed at the moment-th event in the folder."""
    child = os.fork()
    if child == 0:
        left = moment

        def count(event: str, args: tuple[object, ...]) -> None:
            nonlocal left
            if event in EVENTS and str(seals_of(Home(sealed.home))) in str(args[:1]):
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count)
        try:
            with Store.open(sealed.home) as store:
                make_seal(Home(sealed.home), store, sealed.key)
        finally:
            os._exit(DONE)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_killed_at_every_moment_a_seal_is_whole_or_not_there(
    sealed: Sealed, capsys: pytest.CaptureFixture[str]
) -> None:
    put_warc(sealed.home, 4, PAGE)
    (sealed.home / "seals" / f"key-{sealed.key.public_key().public_bytes_raw().hex()[:16]}.pem"
     ).unlink()  # fmt: skip
    before = names(sealed.home / "seals")
    verify = ["verify", "--seals", "--home", str(sealed.home), "--key", str(sealed.public)]
    kills = 0
    while sealed_and_killed(sealed, kills + 1) == KILLED:
        kills += 1
        whole = "4.json" in names(sealed.home / "seals")
        assert main(verify) == (0 if whole else 1), capsys.readouterr()
        if whole:
            (sealed.home / "seals" / "4.json").unlink()
        assert kills < 100
    assert kills > 8
    made = names(sealed.home / "seals")
    assert made - before == {
        "4.json",
        f"key-{sealed.key.public_key().public_bytes_raw().hex()[:16]}.pem",
    }
    assert not {name for name in made if ".new." in name}
    assert main(verify) == 0
