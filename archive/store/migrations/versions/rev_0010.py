"""Checks that hold are packed, one row a version, and one a pair of compared years."""

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
import zstandard
from alembic import op

revision = "0010"
down_revision = "0009"

ADDED = ("held_checks", "year_pair")
TYPES = {
    "sqlite": {"id": "INTEGER", "bytes": "BLOB"},
    "postgresql": {"id": "BIGINT", "bytes": "BYTEA"},
}
DDL = """
CREATE TABLE held_checks (
    version_id {id} NOT NULL,
    packed {bytes} NOT NULL,
    CONSTRAINT pk_held_checks PRIMARY KEY (version_id),
    CONSTRAINT fk_held_checks_version_id FOREIGN KEY(version_id) REFERENCES version (id)
);
CREATE TABLE year_pair (
    version_id {id} NOT NULL,
    earlier_id {id} NOT NULL,
    held {bytes},
    CONSTRAINT pk_year_pair PRIMARY KEY (version_id, earlier_id),
    CONSTRAINT fk_year_pair_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_year_pair_earlier_id FOREIGN KEY(earlier_id) REFERENCES version (id)
);
CREATE INDEX ix_year_pair_earlier ON year_pair (earlier_id)
"""
_WITHOUT_HELD = """
INSERT INTO year_pair (version_id, earlier_id) SELECT DISTINCT version_id, earlier_id
FROM year_check y WHERE NOT EXISTS (SELECT 1 FROM year_pair p
    WHERE p.version_id = y.version_id AND p.earlier_id = y.earlier_id)
"""
_BATCH = 500


def upgrade() -> None:
    """Packs what holds and deletes its rows; what does not hold keeps its rows."""
    bind = op.get_bind()
    for statement in DDL.format(**TYPES[bind.dialect.name]).split(";\n"):
        op.execute(statement)
    _pack(bind, "check_result", ("version_id",), "held_checks", "packed")
    _pack(bind, "year_check", ("version_id", "earlier_id"), "year_pair", "held")
    op.execute(_WITHOUT_HELD)


def _pack(bind: sa.Connection, former: str, key: tuple[str, ...], table: str, column: str) -> None:
    target = sa.table(table, *map(sa.column, key), sa.column(column, sa.LargeBinary))
    for rows in _batches(_packed(bind, former, key, column)):
        bind.execute(sa.insert(target), rows)
    bind.execute(sa.text(f"DELETE FROM {former} WHERE state = 'holds'"))  # noqa: S608 - our own names


def _packed(
    bind: sa.Connection, former: str, key: tuple[str, ...], column: str
) -> Iterator[dict[str, Any]]:
    ids = ", ".join(key)
    found = bind.execute(
        sa.text(
            f"SELECT {ids}, position, rule, scope, message, evidence FROM {former}"  # noqa: S608 - our own names
            f" WHERE state = 'holds' ORDER BY {ids}, position"
        )
    )
    for of_one, rows in groupby(found, key=lambda row: tuple(row[: len(key)])):
        plain = [list(row[len(key) :]) for row in rows]
        spelled = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        yield {
            **dict(zip(key, of_one, strict=True)),
            column: zstandard.compress(spelled.encode(), 3),
        }


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
