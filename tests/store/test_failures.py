"""What an engine says becomes one line with what to do."""

import subprocess
import sys
from pathlib import Path

import pytest

from archive.model.errors import CannotRunError, GongkaiError, UsageError
from archive.store.engine import locate
from archive.store.failures import failure


class OperationalError(Exception):
    """As psycopg's, of a connection that did not come about."""


FAILED = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "kind", "told"),
    [
        ('FATAL:  password authentication failed for user "me"', UsageError, 'for user "me"'),
        ('FATAL:  database "none" does not exist', UsageError, '"none" does not exist'),
        ("FATAL:  the database system is starting up", CannotRunError, "starting up"),
        ("Connection refused", CannotRunError, "the server does not answer"),
    ],
)
def test_a_server_that_refuses_is_told_from_one_that_is_away(
    said: str, kind: type[GongkaiError], told: str
) -> None:
    error = failure(OperationalError(FAILED + said), "postgresql://host/a")
    assert type(error) is kind
    assert told in str(error)


@pytest.mark.parametrize("port", ["port", "6713:x"])
def test_a_port_that_is_none_makes_no_url(port: str) -> None:
    with pytest.raises(UsageError, match="is no database URL") as told:
        locate(f"postgresql://me:s3cret@host:{port}/a")
    assert "s3cret" not in str(told.value)


def test_what_is_met_while_an_interrupt_clears_away_is_not_printed(tmp_path: Path) -> None:
    """In a process of its own: in ours the tests take the log."""
    program = """
import sys
from archive.store import Store

with Store.open(sys.argv[1]) as store:
    try:
        with store.read() as connection:
            connection.connection.driver_connection.close()
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        print("interrupted")
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("interrupted\n", "")
