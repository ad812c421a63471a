"""The command where every socket but one between processes of its own ends it: python -m
tests.support.no_network reread …
"""

import socket
import sys
from importlib import import_module

_FORBIDDEN = ("socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo")


def _refuse(event: str, args: tuple[object, ...]) -> None:
    made = event == "socket.__new__" and args[1] != socket.AF_UNIX
    if made or event in _FORBIDDEN:
        raise RuntimeError(f"the network was used: {event} {args[1:]}")


sys.addaudithook(_refuse)  # in the reading processes too, which import this module

if __name__ == "__main__":
    sys.exit(import_module("crawler.cli").main())
