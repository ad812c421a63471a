"""The time of a process that follows another clock."""

from datetime import UTC, datetime, timedelta

import pytest

from archive.work import clock


def test_it_goes_on_from_what_the_other_clock_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock._Followed, "said", None)
    there = datetime(2020, 1, 1, tzinfo=UTC)
    ahead = clock.follow(there)
    assert there <= clock.now() < there + timedelta(seconds=5)
    assert abs(datetime.now(UTC) - there - ahead) < timedelta(seconds=5)
