"""Checks a ledger by itself: the engine's own check, and stored texts against their hashes."""

from collections.abc import Iterator

from archive.codebook.rules import all_rules
from archive.model.errors import DamagedLedgerError
from archive.model.reading import Severity
from archive.search.index_check import index_faults
from archive.store import Store
from archive.store.query.integrity import engine_faults, figure_faults, figureless, text_faults
from archive.store.unfinished_merges import unfinished_merges
from archive.warc.check import Damage


def verify_ledger(store: Store, place: str) -> Iterator[Damage]:
    """What is wrong with the ledger by itself. place: where it lies, for the reader of the table.
    Raises DamagedLedgerError where the database is too damaged to go on (see `ledger_damage`).
    """
    with store.read() as connection:
        for merge in unfinished_merges(connection):
            yield _error(place, 0, "merge_unfinished", str(merge))
        for line in engine_faults(connection):
            yield _error(place, 0, "ledger_integrity", line)
        for line in figure_faults(connection):
            yield _error(place, 0, "ledger_figures", line)
        sums = {rule.id for rule in all_rules() if rule.left}
        for fault in figureless(connection, sums):
            yield _error(place, 0, "ledger_figures", str(fault))
        for fault in text_faults(connection):
            yield _error(place, 0, "ledger_text", str(fault))


def verify_index(store: Store, place: str, *, deep: bool = False) -> Iterator[Damage]:
    """Where the search index does not fit the ledger; the message says what helps."""
    for line in index_faults(store, deep=deep):
        message = f"the search index: {line}; `gongkai verify --rebuild-index` makes it anew"
        yield _error(place, 0, "search_index", message)


def ledger_damage(place: str, error: DamagedLedgerError) -> Damage:
    """The damage that keeps the rest of a ledger from being looked at."""
    return _error(place, 0, "ledger_damaged", str(error))


def _error(file: str, offset: int, rule: str, message: str) -> Damage:
    return Damage(file=file, offset=offset, severity=Severity.ERROR, rule=rule, message=message)
