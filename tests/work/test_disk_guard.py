"""Work ends before its disk is full, in order, and goes on when there is room again."""

import re
from pathlib import Path

import pytest

from archive.environment import min_free_named
from archive.model.errors import DiskLowError, UsageError
from archive.work.disk_guard import DiskGuard, disks_of, free_bytes
from tests.support.command import Gongkai


def guard(free: list[int], **options: object) -> DiskGuard:
    left = iter(free)
    return DiskGuard(folders=[Path("/data")], min_free=100, free=lambda _: next(left), **options)  # type: ignore[arg-type]


def test_the_guard_ends_work_below_its_number_and_not_at_it() -> None:
    quiet = guard([101, 100, 99], every_s=0)
    quiet.check()
    quiet.check()
    with pytest.raises(DiskLowError, match=r"/data: 0\.00 GB free.*make room and run the same"):
        quiet.check()


def test_the_guard_looks_no_oftener_than_told() -> None:
    now = [0.0]
    seldom = guard([500, 1], clock=lambda: now[0], every_s=2.0)
    for now[0] in (0.0, 1.0, 1.9):
        seldom.check()
    now[0] = 2.0
    with pytest.raises(DiskLowError):
        seldom.check()


def test_zero_switches_the_guard_off() -> None:
    DiskGuard(folders=[Path("/data")], min_free=0, free=lambda _: 0).check()


def test_room_is_asked_for_where_the_folder_will_be(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "not" / "yet") > 0
    assert list(disks_of([tmp_path, tmp_path, tmp_path / "not"])) == [tmp_path]


@pytest.mark.parametrize("wrong", ["much", "-1", "nan", "1e9"])
def test_what_must_stay_free_is_a_number(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", "0.5")
    assert min_free_named() == 500_000_000
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", wrong)
    with pytest.raises(UsageError, match="not a number of gigabytes"):
        min_free_named()


def test_a_crawl_does_not_begin_where_there_is_too_little_room(
    gongkai: Gongkai, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = gongkai.environment() | {"GONGKAI_MIN_FREE_GB": "1000000"}
    monkeypatch.setattr(gongkai, "environment", lambda: started)
    gongkai.run("crawl", "http://127.0.0.1:9/nb/", status=4)
    assert re.fullmatch(r"gongkai: .*must stay \(GONGKAI_MIN_FREE_GB\).*\n", gongkai.stderr)
    assert not (gongkai.home / "archive.sqlite").exists()
