"""The codebook as tables. What is in it is given: the store knows no words of reports."""

from collections.abc import Sequence

from sqlalchemy import Connection, Table, delete, insert, select

from archive.store.schema import codebook, concept, division, indicator, rule
from archive.store.types import Values


def stored_digest(connection: Connection) -> str | None:
    """Which data the tables were filled from; None in a ledger where nobody filled them."""
    return connection.scalar(select(codebook.c.digest))


def store_codebook(
    connection: Connection,
    digest: str,
    *,
    indicators: Sequence[Values],
    concepts: Sequence[Values],
    rules: Sequence[Values],
    divisions: Sequence[Values],
) -> None:
    """Fills the tables anew: a row for each indicator, concept, rule and division, by column."""
    filled: dict[Table, Sequence[Values]] = {
        indicator: indicators,
        concept: concepts,
        rule: rules,
        division: divisions,
        codebook: [{"digest": digest}],
    }
    for table, rows in filled.items():
        connection.execute(delete(table))
        connection.execute(insert(table), rows)
