"""The bench of raw replay, on a few captures."""

import pytest

from archive.work.preservation import pywb_engine
from bench import replaying


@pytest.mark.slow
def test_both_servers_send_every_capture(monkeypatch: pytest.MonkeyPatch) -> None:
    if not (pywb_engine._ENVIRONMENT / "bin" / "wayback").exists():
        pytest.skip("pywb is not here (.venv-replay, made by `make setup`)")
    monkeypatch.setattr(replaying, "_ASKED", dict.fromkeys(replaying._ASKED, 3))
    table = replaying.waits_table(replaying.waits(4, 4), 4, 4)
    assert table.count("| 3 |") == 4
    assert table.count("| 1.00 |") >= 2
