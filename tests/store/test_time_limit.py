"""A question that takes too long is ended; the next is answered."""

import time

import pytest
from sqlalchemy import text

from archive.model.errors import CannotRunError, TooSlowError
from archive.store import Store

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"


def test_a_question_that_takes_too_long_is_ended_and_the_next_is_answered(location: str) -> None:
    Store.open(location).close()
    with Store.open(location, read_only=True, within_s=0.3) as store:
        for _ in range(3):
            began = time.monotonic()
            with store.read() as connection, pytest.raises(TooSlowError, match="ask for less"):
                connection.execute(text(ENDLESS)).all()
            assert 0.2 < time.monotonic() - began < 5
        with store.read() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
            time.sleep(0.4)
            with pytest.raises(TooSlowError):
                connection.execute(text("SELECT 1"))
        with store.read() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_ledger_opened_for_reading_cannot_be_written(location: str) -> None:
    Store.open(location).close()
    with (
        Store.open(location, read_only=True) as store,
        store.read() as connection,
        pytest.raises(Exception, match=r"readonly|read-only") as problem,
    ):
        connection.execute(text("DELETE FROM finding"))
    assert isinstance(problem.value, CannotRunError) or "read-only" in str(problem.value)
