"""WARC files go to a bucket and come back whole, whatever fails on the way, and at whatever step."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError, UsageError
from archive.model.frontier import WarcSpot
from archive.store import Connection, Store
from archive.store.write.captures import archive_id, file_ids
from archive.store.write.moved_files import FilePlace, file_places
from archive.warc.bucket import Bucket, BucketError, bucket_at
from archive.warc.mark import Mark, held
from archive.warc.reader import read_record
from archive.work.home import Home, InBucket
from archive.work.ingest.folder import refuse_elsewhere
from archive.work.preservation import upload as uploads
from archive.work.preservation.upload import upload, upload_behind, uploading
from tests.support.s3 import (
    BUSY,
    CUT_ANSWER,
    CUT_SENT,
    LIE_ANSWER,
    LIE_SENT,
    WAIT,
    FaultyS3,
    s3,
    s3_port,
)
from tests.support.transactions import commit, fetch
from tests.warc.making import exchange, writer

__all__ = ["s3", "s3_port"]

WEEK = timedelta(days=7)


class Archive:
    """A home with a ledger, a bucket, and WARC files of one record each."""

    def __init__(
        self, path: Path, url: str, made: Path | None = None, *, keep: timedelta = timedelta(0)
    ) -> None:
        self.home = Home(path, InBucket(url, keep))
        if made is not None:
            shutil.copytree(made, path)
        self.home.make()
        self.store = Store.open(path)
        mark = Mark(archive_id=fetch(self.store, archive_id), ledger=str(path))
        with held(self.home.warc, mark):
            pass
        self.spots: list[WarcSpot] = []
        self.content: dict[str, bytes] = {}

    def write(self, *, more: bytes = b"") -> str:
        """One file more, closed and committed; its name."""
        ours = writer(self.home.warc, start=1000 * len(self.spots))
        spot = ours.append(exchange()).spot
        ours.close()
        path = self.home.warc / spot.file
        path.write_bytes(path.read_bytes() + more)
        commit(self.store, file_ids, {spot.file: path.stat().st_size}, [])
        self.spots.append(spot)
        self.content[spot.file] = path.read_bytes()
        return spot.file

    def upload(self) -> uploads.Uploaded:
        return upload(self.home, self.store)

    def places(self) -> dict[str, str | None]:
        return {place.name: place.location for place in fetch(self.store, file_places)}

    def local(self) -> set[str]:
        return {path.name for path in self.home.warc.glob("*.warc.gz*")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty ledger: making one costs more than most tests."""
    home = tmp_path_factory.mktemp("made") / "home"
    Store.open(home).close()
    return home


@pytest.fixture
def archive(s3: FaultyS3, made: Path, tmp_path: Path, request: pytest.FixtureRequest):
    url = s3.make_bucket("u" + str(abs(hash(request.node.name))))
    ours = Archive(tmp_path / "home", url, made)
    yield ours
    ours.store.close()


def is_moved(archive: Archive, s3: FaultyS3) -> bool:
    """Whether everything is in the bucket, nothing doubled, and the ledger says so."""
    url = archive.home.warc_at.url
    there = s3.objects(url)
    mark = there.pop("archive.toml", b"")
    return (
        there == archive.content
        and fetch(archive.store, archive_id) in mark.decode()
        and set(archive.places().values()) == {url}
        and archive.local() == set()
        and all(read_record(archive.home.files, spot) for spot in archive.spots)
    )


def test_closed_files_move_and_the_ledger_says_where(archive, s3) -> None:
    names = [archive.write(), archive.write()]
    done = archive.upload()
    assert (done.files, done.in_bucket, done.moved, done.removed, done.problems) == (2, 2, 2, 2, [])
    assert is_moved(archive, s3)
    [first, _] = fetch(archive.store, file_places)
    assert first.sha256 == hashlib.sha256(archive.content[names[0]]).hexdigest()
    s3.seen.clear()
    assert archive.upload().moved == 0
    assert {method for method, path, _ in s3.seen if "archive.toml" not in path} == {"GET"}


def test_the_copy_in_the_home_is_kept_for_days(s3, made, tmp_path, monkeypatch) -> None:
    archive = Archive(tmp_path / "home", s3.make_bucket("kept"), made, keep=WEEK)
    name = archive.write()
    assert archive.upload().removed == 0
    assert archive.local() == {name}
    later = datetime.now(UTC) + WEEK
    monkeypatch.setattr("archive.work.clock.now", lambda: later)
    assert archive.upload().removed == 1
    assert is_moved(archive, s3)
    archive.store.close()


def test_a_copy_is_not_removed_where_the_bucket_has_lost_it(
    s3, made, tmp_path, monkeypatch
) -> None:
    archive = Archive(tmp_path / "home", s3.make_bucket("lost"), made, keep=WEEK)
    name = archive.write()
    archive.upload()
    s3.change(archive.home.warc_at.url, name, None)
    later = datetime.now(UTC) + WEEK
    monkeypatch.setattr("archive.work.clock.now", lambda: later)
    assert archive.upload().problems[0].endswith("upload it again")
    assert (archive.local(), archive.places()) == ({name}, {name: None})
    assert archive.upload().moved == 1
    archive.store.close()


def test_a_file_that_is_gone_from_the_bucket_is_named(archive, s3) -> None:
    names = [archive.write(), archive.write()]
    archive.upload()
    s3.change(archive.home.warc_at.url, names[0], None)
    done = archive.upload()
    assert (done.files, done.in_bucket) == (2, 1)
    [problem] = done.problems
    assert names[0] in problem


@pytest.mark.parametrize("fault", [CUT_SENT, LIE_SENT, LIE_ANSWER])
def test_a_lie_about_a_file_is_noticed_and_loses_nothing(archive, s3, fault) -> None:
    name = archive.write()
    method = "GET" if fault == LIE_ANSWER else "PUT"
    s3.fault = lambda asked, path: fault if asked == method and path.endswith(".gz") else None
    [problem] = archive.upload().problems
    assert "is not what was sent" in problem
    assert (archive.local(), archive.places()) == ({name}, {name: None})
    s3.fault = lambda *_: None
    assert archive.upload().problems == []
    assert is_moved(archive, s3)


@pytest.mark.parametrize("fault", [BUSY, CUT_ANSWER])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_server_that_fails_loses_nothing(archive, s3, fault, method) -> None:
    name = archive.write()
    s3.fault = lambda asked, path: fault if asked == method and path.endswith(".gz") else None
    if (fault, method) != (CUT_ANSWER, "PUT"):  # of that answer nothing is needed
        with pytest.raises(BucketError):
            archive.upload()
        assert (archive.local(), archive.places()) == ({name}, {name: None})
    [told] = upload_behind(archive.home, lambda: Store.open(archive.home.path)) or ("",)
    assert bool(told) == ((fault, method) != (CUT_ANSWER, "PUT"))
    s3.fault = lambda *_: None
    archive.upload()
    assert is_moved(archive, s3)


class Killed(BaseException):
    """What no code of ours catches."""


# Before a step is behind the one before it.
STEPS = (
    (Bucket, "put_small"), (Bucket, "sizes"), (Bucket, "put"), (Bucket, "measured"),
    (uploads, "note_place"), (Path, "unlink"), (uploads, "sync_folder"),
)  # fmt: skip


@pytest.mark.parametrize(("owner", "step"), STEPS, ids=[step for _, step in STEPS])
def test_whatever_step_ends_it_the_same_command_goes_on(archive, s3, monkeypatch, owner, step):
    archive.write()
    archive.write()
    real = getattr(owner, step)

    def killed(*args: object, **options: object) -> None:
        real(*args, **options)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, killed)
        with pytest.raises(Killed):
            archive.upload()
    for spot in archive.spots:
        assert read_record(archive.home.files, spot), "at no moment is a record out of reach"
    assert archive.upload().problems == []
    assert is_moved(archive, s3)


@pytest.mark.parametrize("method", ["PUT", pytest.param("GET", marks=pytest.mark.slow)])
def test_kill_9_while_a_file_is_on_its_way(archive, s3, method) -> None:
    archive.write()
    s3.fault = lambda asked, path: WAIT if asked == method and path.endswith(".gz") else None
    environment = {"PATH": os.environ["PATH"], "GONGKAI_HOME": str(archive.home.path),
                   "GONGKAI_WARC_URL": archive.home.warc_at.url, **s3.environment}  # fmt: skip
    command = [sys.executable, "-m", "archive.cli", "upload"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        assert s3.waits.wait(60)
        process.send_signal(signal.SIGKILL)
    s3.go_on.set()
    s3.fault = lambda *_: None
    assert archive.upload().problems == []
    assert is_moved(archive, s3)


def test_a_file_that_another_process_moves_meanwhile_is_no_problem(
    archive, s3, monkeypatch
) -> None:
    """As two workers do that share a folder whose file system knows no locks."""
    archive.write()
    before = fetch(archive.store, file_places)
    archive.upload()
    [moved] = fetch(archive.store, file_places)
    monkeypatch.setattr(uploads, "file_places", lambda *_: before)
    assert archive.upload() == uploads.Uploaded(files=1, in_bucket=1, moved=0)
    monkeypatch.setattr(Path, "is_file", lambda _: True)  # it was there a moment ago
    assert archive.upload() == uploads.Uploaded(files=1)
    monkeypatch.undo()
    assert fetch(archive.store, file_places) == [moved]


def test_a_file_that_is_closed_meanwhile_is_as_committed(archive, s3, monkeypatch) -> None:
    name = archive.write()
    real, size = file_places, len(archive.content[name])
    commit(archive.store, file_ids, {name: size - 10}, [])

    def closing(connection: Connection, only: list[str] | None = None) -> list[FilePlace]:
        seen = real(connection, only)
        commit(archive.store, file_ids, {name: size}, [])
        return seen

    monkeypatch.setattr(uploads, "file_places", closing)
    assert archive.upload().problems == []
    assert is_moved(archive, s3)


def test_a_worker_looks_at_its_own_files_alone(archive, s3, monkeypatch) -> None:
    """The bucket has those of years, and of other workers; what another one sends is not compared
    yet.
    """
    url = archive.home.warc_at.url
    theirs = archive.write()
    (archive.home.warc / theirs).unlink()
    s3.change(url, theirs, archive.content[theirs])
    ours = archive.write()
    with monkeypatch.context() as patched:
        patched.setattr(Bucket, "sizes", lambda _: pytest.fail("the bucket is listed"))
        done = upload(archive.home, archive.store, here_only=True)
        assert (done.files, done.moved, done.removed, done.problems) == (1, 1, 1, [])
        assert upload(archive.home, archive.store, here_only=True) == uploads.Uploaded()
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "live_leases", lambda _: {"worker:theirs": "worker theirs"})
        assert archive.upload().in_bucket == 1
    assert archive.places() == {theirs: None, ours: url}
    assert archive.upload().in_bucket == 2
    assert is_moved(archive, s3)


def test_one_process_at_a_time_moves_files_out_of_a_folder(archive, s3) -> None:
    with uploads.moving_alone(archive.home) as is_mine:
        assert is_mine
        with uploads.moving_alone(archive.home) as also_mine:
            assert not also_mine
    with uploads.moving_alone(archive.home) as is_mine:
        assert is_mine


def test_a_long_file_goes_in_parts(archive, s3, monkeypatch) -> None:
    monkeypatch.setattr("archive.warc.bucket.PART_BYTES", 5 * 1024 * 1024)  # the least there is
    archive.write(more=bytes(11 * 1024 * 1024))
    archive.spots.clear()  # what was added to it is no record
    assert archive.upload().moved == 1
    assert is_moved(archive, s3)
    assert sum(method == "PUT" and "partNumber" in path for method, path, _ in s3.seen) == 3


def test_what_grows_or_is_not_as_committed_stays(archive, s3) -> None:
    ours = writer(archive.home.warc, start=5000)
    grown = ours.append(exchange()).spot.file
    ours.sync()
    commit(archive.store, file_ids, ours.synced_ends, [])
    assert archive.upload() == uploads.Uploaded(files=1)
    ours.close()
    path = archive.home.warc / grown
    path.write_bytes(path.read_bytes()[:-1])
    [problem] = archive.upload().problems
    assert "see gongkai verify" in problem
    assert set(s3.objects(archive.home.warc_at.url)) == {"archive.toml"}


def test_a_disk_that_is_full_keeps_nothing_from_going_on(archive, s3, monkeypatch) -> None:
    archive.write()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "archive.sqlite")

    with monkeypatch.context() as patched:
        patched.setattr(uploads, "note_place", full)
        with pytest.raises(CannotRunError, match="No space left on device; run the same command"):
            archive.upload()
    archive.upload()
    assert is_moved(archive, s3)


def test_the_bucket_of_another_archive_is_refused(archive, s3, tmp_path) -> None:
    archive.write()
    archive.upload()
    other = Archive(tmp_path / "other", archive.home.warc_at.url)
    other.write()
    with pytest.raises(CannotRunError, match="belong to another archive"):
        other.upload()
    other.store.close()


def test_files_that_were_copied_to_another_bucket_are_taken_over(archive, s3) -> None:
    name = archive.write()
    archive.upload()
    old = archive.home.warc_at.url
    archive.home = Home(archive.home.path, InBucket(s3.make_bucket("new-bucket")))
    with archive.store.read() as connection, pytest.raises(UsageError, match=f"WARC_URL={old}"):
        refuse_elsewhere(connection, archive.home.files)
    assert archive.upload().in_bucket == 0
    url, content = archive.home.warc_at.url, archive.content[name]
    s3.change(url, name, content[:-1] + b"x")
    assert "it is not the file that was moved" in archive.upload().problems[0]
    s3.change(url, name, content)
    bucket_at(url).find(name, anew=True)
    assert archive.upload().in_bucket == 1
    assert is_moved(archive, s3)


def test_a_run_moves_what_it_closes_and_ends_at_once(archive, s3, monkeypatch) -> None:
    monkeypatch.setattr(uploads, "EVERY_S", 0.02)
    archive.write()
    with uploading(archive.home, archive.store):
        deadline = time.monotonic() + 30
        while not is_moved(archive, s3) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert is_moved(archive, s3)
        s3.fault = lambda asked, path: WAIT if asked == "PUT" and path.endswith(".gz") else None
        name = archive.write()
        assert s3.waits.wait(30)
        s3.go_on.set()
    assert archive.places()[name] in (None, archive.home.warc_at.url)
    s3.fault = lambda *_: None
    archive.upload()
    assert is_moved(archive, s3)
