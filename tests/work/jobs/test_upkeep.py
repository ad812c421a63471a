"""Files that visits left open: closed when nobody writes them, and only then."""

import fcntl
import os
from pathlib import Path

import pytest

from archive.store import Store
from archive.work.home import Home
from archive.work.jobs import upkeep

LEFT = "gongkai-{}-20260101000000-00001-abcdef01.warc.gz.open"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.make()
    return home


def test_what_a_dead_worker_left_is_put_in_order_and_what_grows_is_left_alone(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "_BEGUN_S", 0.0)
    monkeypatch.setattr(upkeep, "live_leases", lambda _: {"worker:lives": "x", "visit:p": "y"})
    names = ("gone", "lives", "mine-1", "held")
    files = {name: home.warc / LEFT.format(name) for name in names}
    for path in files.values():
        path.touch()
    (home.warc / LEFT.format("x").replace("-x", "")).touch()  # a crawl's own, without a worker
    with Store.open(home.path) as store:
        held = os.open(files["held"], os.O_RDONLY)
        fcntl.flock(held, fcntl.LOCK_EX)
        lines = upkeep.put_in_order(home, store, "mine-1")
        os.close(held)
    assert [line.partition(":")[0] for line in lines] == [
        LEFT.format(name).removesuffix(".open") for name in ("gone", "mine-1")
    ]
    assert {path for path in files.values() if path.exists()} == {files["lives"], files["held"]}
