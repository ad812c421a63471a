"""Which rows of a table an export is asked for."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from archive.codebook.indicators import concepts
from archive.model.errors import UsageError
from archive.store.views import described_columns
from archive.work.export.tables import TABLES

# The columns that a filter is about, by the option that asks for it.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "--year": ("report_year", "year"),
    "--division": ("division",),
    "--indicator": ("indicator",),
    "--portal": ("portal",),
    "--current": ("current",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFilter:
    """What is wanted of a table; empty and False do not narrow.

    years: that reports cover; None: those that name none. divisions: codes. indicators: keys with
    the form in front; with all those of a concept come the numbers that prose alone states.
    portals: keys. current: only of pages' latest versions.
    """

    years: frozenset[int | None] = frozenset()
    divisions: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    portals: frozenset[str] = frozenset()
    current: bool = False

    def by_column(self, table: str) -> dict[str, Collection[object]]:
        """The wanted values by column of a table. UsageError: it has no such column; the message
        names tables that have.
        """
        return {column_of(table, name): wanted for name, wanted in self._asked().items()}

    def where_it_has(self, table: str) -> tuple[dict[str, Collection[object]], set[str]]:
        """The wanted values by those columns that a table has, and the options that it lacks a
        column for.
        """
        columns = {name: _found(table, name) for name in self._asked()}
        wanted = {column: self._asked()[name] for name, column in columns.items() if column}
        return wanted, {name for name, column in columns.items() if column is None}

    def _asked(self) -> dict[str, Collection[object]]:
        asked: dict[str, Collection[object]] = {
            "--year": self.years,
            "--division": self.divisions,
            "--indicator": self.indicators | concepts_of(self.indicators),
            "--portal": self.portals,
            "--current": (True,) if self.current else (),
        }
        return {name: wanted for name, wanted in asked.items() if wanted}


def concepts_of(keys: Collection[str]) -> set[str]:
    """The concepts all of whose indicators are among `keys`."""
    return {
        each.key for each in concepts().values()
        if each.parts and all(part.indicator in keys for part in each.parts)
    }  # fmt: skip


def column_of(table: str, option: str) -> str:
    """The column of a table that an option such as --year narrows. UsageError: it has none; the
    message names tables that have.
    """
    found = _found(table, option)
    if found is None:
        having = [each for each in TABLES if _found(each, option)]
        raise UsageError(
            f"{option}: the table {table} has no column {_COLUMNS[option][0]};"
            f" it is in {', '.join(having)}"
        )
    return found


def _found(table: str, option: str) -> str | None:
    columns = {each.name for each in described_columns()[table]}
    return next((each for each in _COLUMNS[option] if each in columns), None)
