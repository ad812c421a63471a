"""What a worker says of errors, spans and names, and what it understands of them."""

import os
import re
import socket
from datetime import timedelta
from typing import Final

from archive.model.errors import GongkaiError
from archive.store.frontier.runs import process_is_alive

_PROCESS: Final = re.compile(r"process (\d+) \(gongkai \w+\) on (\S+?)\)")


def is_here(message: str) -> bool:
    """Whether who holds a name, as the message tells, is a process of this machine that lives."""
    found = _PROCESS.search(message)
    return (
        found is not None
        and found[2] == socket.gethostname()
        and int(found[1]) != os.getpid()
        and process_is_alive(int(found[1]))
    )


def line_of(error: Exception) -> str:
    """The first line of what an error, or its cause, says."""
    cause = error.__cause__ if not isinstance(error, GongkaiError) and error.__cause__ else error
    return str(cause).split("\n", 1)[0] or type(error).__name__


def spelled(span: timedelta) -> str:
    """A span in hours and minutes.

    >>> spelled(timedelta(minutes=90)), spelled(timedelta(seconds=100))
    ('1 h 30 min', '2 min')
    """
    minutes = round(span.total_seconds() / 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
