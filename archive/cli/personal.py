"""Runs personal."""

import argparse
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict

from archive.command import DONE, ledger_of
from archive.model.personal_data import PersonalKind
from archive.terminal import Column, Ui, counted
from archive.work.export.masking import personal_places
from archive.work.open_archive import open_archive

_COLUMNS = (
    Column(key="url", heading="url"),
    Column(key="version", heading="version", right=True),
    Column(key="kind", heading="kind"),
    Column(key="place", heading="stands in"),
    Column(key="shown", heading="number"),
)
_CALLED = {PersonalKind.MOBILE: "mobile number", PersonalKind.ID_CARD: "identity card number"}


def run_personal(args: argparse.Namespace, ui: Ui) -> int:
    """Prints where personal numbers stand, and how many there are."""
    with open_archive(ledger_of(args)) as store:
        found = list(personal_places(store))
    if found or ui.as_json:
        ui.table([asdict(each) for each in found], _COLUMNS)
    if not ui.as_json:
        ui.line(count_by_kind(Counter(each.kind for each in found)))
    return DONE


def count_by_kind(count: Mapping[PersonalKind, int]) -> str:
    """How many numbers of each kind.

    >>> count_by_kind({PersonalKind.MOBILE: 1})
    '1 mobile number, 0 identity card numbers'
    """
    return ", ".join(counted(count.get(kind, 0), called) for kind, called in _CALLED.items())
