"""Figures are narrow rows: what a figure counts and where it stands is a cell, stored once for all
reports of a form.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from archive.model.errors import CannotRunError

revision = "0007"
down_revision = "0006"

_BATCH = 1_000
_COLUMNS = ("form", "indicator", "label", "applicant", "unit", "place")
ENGINES = {
    "sqlite": {
        "id": "INTEGER", "key": "INTEGER", "bytes": "BLOB", "exact": "TEXT",
        "narrow": " WITHOUT ROWID", "is": "IS", "join": "CROSS JOIN",
    },
    "postgresql": {
        "id": "BIGINT", "key": "BIGSERIAL", "bytes": "BYTEA", "exact": "NUMERIC",
        "narrow": "", "is": "IS NOT DISTINCT FROM", "join": "INNER JOIN",
    },
}  # fmt: skip
# On PostgreSQL no two indexes of a schema share a name, and a primary key is one.
_RENAMED = "ALTER TABLE figure RENAME TO former_figure"
_UNNAMED = "ALTER TABLE former_figure DROP CONSTRAINT pk_figure"
DDL = """
CREATE TABLE cell (
    id {key} NOT NULL,
    digest {bytes} NOT NULL,
    form TEXT NOT NULL,
    indicator TEXT,
    label TEXT NOT NULL,
    applicant TEXT,
    unit TEXT,
    place TEXT NOT NULL,
    CONSTRAINT pk_cell PRIMARY KEY (id),
    CONSTRAINT uq_cell_digest UNIQUE (digest)
);
CREATE INDEX ix_cell_indicator ON cell (indicator);
CREATE TABLE figure (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    cell_id {id} NOT NULL,
    value {exact},
    state SMALLINT NOT NULL,
    printed TEXT,
    CONSTRAINT pk_figure PRIMARY KEY (version_id, position),
    CONSTRAINT fk_figure_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_figure_cell_id FOREIGN KEY(cell_id) REFERENCES cell (id)
){narrow}
"""
INDEX = "CREATE INDEX ix_figure_cell ON figure (cell_id, version_id)"
# Labels may be too long for an index of PostgreSQL, which joins them by hash.
_LOOKUP = "CREATE INDEX cell_lookup ON cell (place, label, form)"
_MOVED = """
INSERT INTO figure (version_id, position, cell_id, value, state, printed)
SELECT f.version_id, f.position, c.id, f.value,
    CASE f.state WHEN 'given' THEN 0 WHEN 'blank' THEN 1 WHEN 'placeholder' THEN 2
        WHEN 'stated_none' THEN 3 END,
    CASE WHEN f.printed = CASE f.state WHEN 'given' THEN CAST(f.value AS TEXT) WHEN 'blank' THEN ''
        WHEN 'placeholder' THEN '/' WHEN 'stated_none' THEN '无' END THEN NULL ELSE f.printed END
FROM former_figure f {join} cell c
    ON c.place = f.place AND c.label = f.label AND c.form = f.form AND c.indicator {is} f.indicator
        AND c.applicant {is} f.applicant AND c.unit {is} f.unit
ORDER BY f.version_id, f.position
"""


def upgrade() -> None:
    """Makes cells of the distinct columns, and moves the figures over. CannotRunError when one
    of them finds no cell; the ledger stays as it was.
    """
    bind = op.get_bind()
    spelled = ENGINES[bind.dialect.name]
    on_sqlite = bind.dialect.name == "sqlite"
    op.execute("DROP INDEX ix_figure_indicator")
    op.execute(_RENAMED)
    if not on_sqlite:
        op.execute(_UNNAMED)
    for statement in DDL.format(**spelled).split(";\n"):
        op.execute(statement)
    _make_cells(bind)
    if on_sqlite:
        op.execute(_LOOKUP)
    moved = bind.execute(sa.text(_MOVED.format(**spelled))).rowcount
    if moved != (there := bind.scalar(sa.text("SELECT count(*) FROM former_figure"))):
        raise CannotRunError(f"{there} figures, {moved} of them found their cell")
    if on_sqlite:
        op.execute("DROP INDEX cell_lookup")
    op.execute("DROP TABLE former_figure")
    op.execute(INDEX)


def _make_cells(bind: sa.Connection) -> None:
    cell = sa.table("cell", sa.column("digest", sa.LargeBinary), *map(sa.column, _COLUMNS))
    for rows in _distinct(bind):
        bind.execute(sa.insert(cell), rows)


def _distinct(bind: sa.Connection) -> Iterator[list[dict[str, Any]]]:
    names = ", ".join(_COLUMNS)
    found = bind.execute(sa.text(f"SELECT DISTINCT {names} FROM former_figure ORDER BY {names}"))  # noqa: S608 - our own names
    for rows in found.partitions(_BATCH):
        yield [
            {**dict(zip(_COLUMNS, row, strict=True)), "digest": _digest(list(row))} for row in rows
        ]


def _digest(columns: list[str | None]) -> bytes:
    """As archive.store.write.figures.digest_of makes it; a migration knows no code of today."""
    spelled = json.dumps(columns, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(spelled.encode()).digest()[:16]
