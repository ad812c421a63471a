"""A part of a large command for a worker, in a process of its own: python -m archive.cli.part. No
command of its own: `gongkai worker` runs it. It ends with its worker.
"""

import argparse
import sys
from dataclasses import dataclass

from archive.cli.export_arguments import add_export
from archive.cli.preservation_arguments import add_preservation
from archive.command import Handler, Parser, run, seconds
from archive.model.errors import HomeLockedError
from archive.terminal import Ui
from archive.work.jobs.processes import BUSY, end_with_worker


def main() -> int:
    """Its exit status: the command's, or BUSY where somebody else has what it needs."""
    parser = Parser(prog="gongkai worker (part)")
    parser.add_argument("--worker", required=True)
    parser.add_argument("--lasts", required=True, type=seconds)
    commands = parser.add_subparsers(required=True)
    add_preservation(commands)
    add_export(commands)
    for each in commands.choices.values():
        each.set_defaults(handler=_Beside(each.get_default("handler")))
    end_with_worker()
    return run(parser)


@dataclass(frozen=True, slots=True)
class _Beside:
    """A command that others may keep waiting."""

    handler: Handler

    def __call__(self, args: argparse.Namespace, ui: Ui) -> int:
        try:
            return self.handler(args, ui)
        except HomeLockedError as error:
            ui.error(str(error))
            return BUSY


if __name__ == "__main__":
    sys.exit(main())
