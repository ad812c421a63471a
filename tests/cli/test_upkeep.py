"""What the upkeep of a worker does behind the visits, beside the archive itself."""

import sys
from pathlib import Path

import pytest

from archive.cli import upkeep
from archive.store import Store
from tests.work.health.test_notify import Postbox, postbox

__all__ = ["postbox"]


def test_upkeep_writes_the_numbers_and_tells_once(
    tmp_path: Path, postbox: Postbox, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    home, numbers = tmp_path / "home", tmp_path / "gongkai.prom"
    Store.open(home).close()
    monkeypatch.setattr(upkeep, "keep_up", lambda *_, **__: ())  # on PostgreSQL alone
    monkeypatch.setattr(sys, "argv", ["upkeep", "--home", str(home)])
    monkeypatch.setenv("GONGKAI_METRICS_FILE", str(numbers))
    monkeypatch.setenv("GONGKAI_ALERTS", postbox.url)
    monkeypatch.setenv("GONGKAI_MIN_FREE_GB", "1000000")  # the disk is low
    assert [upkeep.main(), upkeep.main()] == [0, 0]
    assert "\ngongkai_portals" in numbers.read_text()
    assert len(postbox.taken) == 1
    monkeypatch.setenv("GONGKAI_METRICS_FILE", str(tmp_path / "no" / "x.prom"))
    capsys.readouterr()
    assert upkeep.main() == 0
    assert "the numbers: GONGKAI_METRICS_FILE" in capsys.readouterr().out
