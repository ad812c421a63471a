"""What commands with --corrected have in common: the corrections of the home, to be counted."""

import argparse

from archive.command import home_of
from archive.store import Connection
from archive.store.query.corrected import NumberCorrection
from archive.terminal import Ui, counted
from archive.work.corrections.corrections_file import read_corrections
from archive.work.corrections.fitting import standing


def corrections_asked_for(
    connection: Connection, args: argparse.Namespace, ui: Ui
) -> tuple[NumberCorrection, ...] | None:
    """What people corrected, where --corrected asks for it; None: it does not. Tells how many fit
    nothing any more. UsageError: the file of corrections is broken.
    """
    if not args.corrected:
        return None
    found = standing(connection, read_corrections(home_of(args)))
    if found.lost:
        ui.note(
            f"warning: {counted(found.lost, 'correction')} that fit nothing any more"
            " (gongkai correct --list)"
        )
    return found.numbers
