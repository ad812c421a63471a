"""The upkeep of a worker, in a process of its own: python -m archive.cli.upkeep. No command of its
own: `gongkai worker` runs it.
"""

import argparse
import sys

from archive.cli.place import home_named
from archive.command import DONE, Parser, ledger_of, run
from archive.terminal import Ui
from archive.work.jobs.upkeep import keep_up


def main() -> int:
    """Its exit status."""
    parser = Parser(prog="gongkai worker (upkeep)")
    parser.add_argument("--seal", action="store_true")
    parser.set_defaults(handler=_keep_up)
    return run(parser)


def _keep_up(args: argparse.Namespace, ui: Ui) -> int:
    for line in keep_up(home_named(args), ledger_of(args), seal=args.seal):
        ui.line(line)
    return DONE


if __name__ == "__main__":
    sys.exit(main())
