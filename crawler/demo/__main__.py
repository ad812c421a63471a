"""The demo portal as a process of its own: prints its address, serves until its input ends.

python -m crawler.demo --generate 1000 --family trs
"""

import argparse
import sys

from crawler.demo.columns import LISTS
from crawler.demo.server import DemoPortal
from crawler.demo.site import generate_site


def main(arguments: list[str]) -> int:
    """Serve until standard input is closed; a parent that dies takes its child with it."""
    parser = argparse.ArgumentParser(prog="python -m crawler.demo", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--per-list", type=int, default=5)
    parser.add_argument("--generate", type=int, metavar="N", help="serve N generated reports")
    parser.add_argument("--family", choices=sorted(LISTS), default="trs")
    chosen = parser.parse_args(arguments)
    site = None
    if chosen.generate:
        site = generate_site(
            chosen.generate, chosen.family, seed=chosen.seed, per_list=chosen.per_list
        )
        site.warm()
    with DemoPortal(chosen.seed, chosen.per_list, site=site, port=chosen.port) as portal:
        sys.stdout.write(f"{portal.address}\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
