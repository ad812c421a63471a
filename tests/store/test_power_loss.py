"""A loss of power takes back records at most: what was kept is there, and the same command ends whole.

The log is cut where nothing was synced behind: at frames, inside frames, and with a frame of zeros.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.store import Store
from archive.store.frontier import runs
from archive.store.schema import capture, outcome
from archive.store.write import outcomes
from tests.store.killed_job import SITE, ending, state, work
from tests.store.making import NOW, a_portal, keep, take
from tests.support.transactions import commit

LOG = "archive.sqlite-wal"
HEADER, FRAME = 32, 24 + 4096


def test_an_unsynced_commit_is_one_of_sqlite_s_normal_ones(home: Path) -> None:
    with Store.open(home) as store:
        for synced, level in ((True, 2), (False, 1), (False, 1), (True, 2)):
            with store.write(synced=synced) as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == level


def a_job_without_checkpoints(home: Path, copies: Path) -> Iterator[tuple[Path, int, int]]:
    """The job of killed_job as the crawl does it. After each record a copy of the ledger as it lies
    on the disk, with how many bytes of its log are synced, and how many captures were kept.
    """
    kept = 0
    with Store.open(home) as store:
        ticket = commit(store, runs.begin_run,
            job="job", portals=[a_portal()], options={}, mode="due", now=NOW, pid=os.getpid(),
            is_alive=lambda _pid: False,
        )  # fmt: skip
        while leases := take(store, ticket.run_id, limit=2):
            stored = keep(store, leases)
            kept += len(stored)
            synced = (home / LOG).stat().st_size
            for pair in zip(leases, stored, strict=True):
                with store.write(synced=False) as connection:
                    outcomes.record(connection, [ending(*pair)], next_due={})
            yield Path(shutil.copytree(home, copies / f"{kept}")), synced, kept


def cuts_of(log: bytes, synced: int, step: int) -> Iterator[bytes]:
    """The log as a loss of power may leave it, for every step-th frame behind what is synced."""
    frames = range(synced, len(log) + 1, FRAME)
    for end in frames[::step]:
        yield log[:end]
        if end < len(log):
            yield log[: end + FRAME // 2]
            yield log[:end] + bytes(FRAME) + log[end + FRAME :]


def check_each_cut(home: Path, folder: Path, step: int) -> int:
    seen = 0
    for copy, synced, kept in a_job_without_checkpoints(home, folder / "copies"):
        assert (synced - HEADER) % FRAME == 0
        for number, log in enumerate(cuts_of((copy / LOG).read_bytes(), synced, step)):
            broken = shutil.copytree(copy, folder / f"{kept}-{number}")
            (broken / LOG).write_bytes(log)
            (broken / "archive.sqlite-shm").unlink()  # gone with the memory
            with Store.open(broken) as store, store.read() as connection:
                assert connection.scalar(select(func.count()).select_from(capture)) == kept
                recorded = connection.scalar(select(func.count()).select_from(outcome))
                assert kept - 2 <= recorded <= kept
            work(broken)
            ended = state(broken)
            assert ended["runs"] == ["finished"]
            assert ended["left"] == 0
            numbers = {ended[name] for name in ("outcomes", "versions", "captures")}
            assert numbers == {len(SITE)}
            assert ended["addresses"] == sorted(SITE)
            shutil.rmtree(broken)
            seen += 1
    return seen


def test_what_a_loss_of_power_takes_back_is_read_again(home: Path, tmp_path: Path) -> None:
    assert check_each_cut(home, tmp_path, 60) > 5


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_log_cut_at_any_frame_is_read_again(home: Path, tmp_path: Path) -> None:
    assert check_each_cut(home, tmp_path, 1) > 200
