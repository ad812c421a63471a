"""Which merges into this ledger were begun and not ended: what has come of those is a part that
looks whole.

The table `unfinished_merge` comes with the first merge, in the transaction that brings its first
rows; a merge's row goes when all has come. The table stays: who reads it keeps no merge waiting.
"""

import shlex
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import Column, Connection, Integer, MetaData, Table, Text, inspect, select, update

from archive.store.dialects import insert_into

_TABLE: Final = Table(
    "unfinished_merge",
    MetaData(),
    Column("archive_id", Text, primary_key=True),
    Column("home", Text, nullable=False),
    # Its ledger, without a password, where that is in no home.
    Column("ledger", Text),
    # What came so far.
    *(Column(name, Integer, nullable=False) for name in ("runs", "captures", "versions")),
)
Came: TypeAlias = tuple[int, int, int]
"""How many runs, captures and versions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedMerge:
    """One merge, as a line for people: what is so, and what helps."""

    home: str
    ledger: str | None

    def __str__(self) -> str:
        return f"{self.what}: {self.helps}"

    @property
    def what(self) -> str:
        """What is so."""
        return f"the merge of {self.home} is not finished"

    @property
    def helps(self) -> str:
        """The command that brings it to its end."""
        ledger = ["--database", self.ledger] if self.ledger else []
        return f"run `{shlex.join(['gongkai', 'merge', self.home, *ledger])}` again"


def begun(connection: Connection, archive_id: str, home: str, ledger: str | None) -> Came | None:
    """Notes that the merge of an archive is under way. What had come when it was ended before; None
    when this one is the first, or the last one came to its end.
    """
    _TABLE.create(connection, checkfirst=True)
    values = {"archive_id": archive_id, "home": home, "ledger": ledger}
    new = values | {"runs": 0, "captures": 0, "versions": 0}
    names = ("runs", "captures", "versions")
    query = select(*(_TABLE.c[name] for name in names)).where(_TABLE.c.archive_id == archive_id)
    before = connection.execute(query).first()
    if before is None:
        connection.execute(insert_into(connection, _TABLE).values(new))
        return None
    connection.execute(update(_TABLE).where(_TABLE.c.archive_id == archive_id).values(values))
    return before.runs, before.captures, before.versions


def note_came(connection: Connection, archive_id: str, came: Came) -> None:
    """Notes what has come so far."""
    runs, captures, versions = came
    values = {"runs": runs, "captures": captures, "versions": versions}
    connection.execute(update(_TABLE).where(_TABLE.c.archive_id == archive_id).values(values))


def ended(connection: Connection, archive_id: str) -> None:
    """A merge came to its end."""
    connection.execute(_TABLE.delete().where(_TABLE.c.archive_id == archive_id))


def unfinished_merges(connection: Connection) -> list[UnfinishedMerge]:
    """The merges that were begun and have not come to their end."""
    if not inspect(connection).has_table(_TABLE.name):
        return []
    rows = connection.execute(select(_TABLE).order_by(_TABLE.c.archive_id))
    return [UnfinishedMerge(home=row.home, ledger=row.ledger) for row in rows]
