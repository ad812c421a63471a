"""A page that never ends costs the child twice the processor time that it may take."""

import hashlib
import multiprocessing
import signal
import sys
from multiprocessing.connection import Connection

import pytest

from archive.work.ingest import optical_child

PATIENCE_S = 60


def endless(told: Connection) -> None:
    """In the child: Python that never ends, then a library that never comes back to Python."""
    optical_child._prepare()
    optical_child._alarm(0.2)
    try:
        while True:
            pass
    except TimeoutError as error:
        told.send(str(error))
    optical_child._alarm(0.2)
    hashlib.pbkdf2_hmac("sha256", b"", b"", 2_000_000_000)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")
def test_a_page_that_never_ends_is_ended() -> None:
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=endless, args=(there,))
    child.start()
    child.join(PATIENCE_S)
    assert here.poll()
    assert "120 seconds of the processor" in here.recv()
    assert child.exitcode == -signal.SIGXCPU
