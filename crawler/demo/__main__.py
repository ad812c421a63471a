"""The demo portal as a process of its own: prints its URL, serves until Ctrl-C or `kill`.

python -m crawler.demo --generate 1000 --family trs
"""

import argparse
import contextlib
import os
import stat
import sys
import threading

from crawler.demo.columns import FAMILIES
from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site


def main(arguments: list[str]) -> int:
    """Serves until it is ended; 0."""
    parser = argparse.ArgumentParser(prog="python -m crawler.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-list", type=int, default=5)
    parser.add_argument("--generate", type=int, metavar="N", help="serve N generated reports")
    parser.add_argument("--mixed", action="store_true", help="some of them prose without tables")
    parser.add_argument("--family", choices=sorted(FAMILIES), default="trs")
    chosen = parser.parse_args(arguments)
    site = None
    if chosen.generate:
        site = generate_site(
            chosen.generate,
            chosen.family,
            seed=chosen.seed,
            per_list=chosen.per_list,
            mixed=chosen.mixed,
        )
        site.warm()
    serving = DemoPortal(chosen.seed, chosen.per_list, site=site, port=chosen.port)
    with contextlib.suppress(KeyboardInterrupt), serving as portal:
        sys.stdout.write(f"{portal.url}\n")
        sys.stdout.flush()
        _wait()
    return 0


def _wait() -> None:
    """Until Ctrl-C; where standard input is a pipe, until that is closed: a parent that dies takes
    its child with it. A job in the background has no input to read: it would be stopped or end.
    """
    if sys.stdin is not None and stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        sys.stdin.read()
    else:
        threading.Event().wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
