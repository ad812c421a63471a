"""Tells the service manager that started us how we are (sd_notify(3)): datagrams to the socket that
NOTIFY_SOCKET names. Without one, nothing is told.

The package sdnotify does the same; it comes as a source distribution alone, which set-up would have
to build with what no lock names.
"""

import os
import socket
from contextlib import suppress


def ready() -> None:
    """We do what we were started for."""
    _tell("READY=1")


def alive() -> None:
    """We are at work; to be called twice as often as the watchdog wants, at least."""
    _tell("WATCHDOG=1")


def stop_watchdog() -> None:
    """What follows tells nothing for as long as it takes."""
    _tell("WATCHDOG_USEC=0")


def _tell(state: str) -> None:
    """A manager that does not listen, or is gone, is no reason to fail."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if not place:
        return
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as to:
        to.settimeout(0)
        # An abstract address is spelled with an @ in place of its first byte, 0.
        to.sendto(state.encode(), "\0" + place[1:] if place[0] == "@" else place)
