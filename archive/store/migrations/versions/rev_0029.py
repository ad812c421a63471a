"""A figure is stored once, by what it counts; the way from a version to its figures is its layout:
the list of the cells that it prints, stored once for all versions that print the same. PostgreSQL
keeps its table as it lies, with a key by what a figure counts and a small index by version.
"""

import hashlib
import json
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

ADDED = ("layout", "layout_cell", "version_layout")
KEY = "PRIMARY KEY (cell_id, version_id, position)"
_FIGURE = f"""CREATE TABLE figure (
    version_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    cell_id INTEGER NOT NULL,
    value TEXT,
    state SMALLINT NOT NULL,
    printed TEXT,
    CONSTRAINT pk_figure {KEY},
    CONSTRAINT fk_figure_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_figure_cell_id FOREIGN KEY(cell_id) REFERENCES cell (id)
) WITHOUT ROWID"""
TYPES = {
    "sqlite": {
        "id": "INTEGER", "key": "INTEGER", "bytes": "BLOB", "without_rowid": " WITHOUT ROWID",
        "figure": _FIGURE,
    },
    "postgresql": {
        "id": "BIGINT", "key": "BIGSERIAL", "bytes": "BYTEA", "without_rowid": "",
        "figure": "CREATE INDEX ix_figure_version ON figure (version_id)",
    },
}  # fmt: skip
DDL = """
CREATE TABLE layout (
    id {key} NOT NULL,
    digest {bytes} NOT NULL,
    CONSTRAINT pk_layout PRIMARY KEY (id),
    CONSTRAINT uq_layout_digest UNIQUE (digest)
);
CREATE TABLE layout_cell (
    layout_id {id} NOT NULL,
    position INTEGER NOT NULL,
    cell_id {id} NOT NULL,
    CONSTRAINT pk_layout_cell PRIMARY KEY (layout_id, position),
    CONSTRAINT fk_layout_cell_layout_id FOREIGN KEY(layout_id) REFERENCES layout (id),
    CONSTRAINT fk_layout_cell_cell_id FOREIGN KEY(cell_id) REFERENCES cell (id)
){without_rowid};
CREATE TABLE version_layout (
    version_id {id} NOT NULL,
    layout_id {id} NOT NULL,
    CONSTRAINT pk_version_layout PRIMARY KEY (version_id),
    CONSTRAINT fk_version_layout_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_version_layout_layout_id FOREIGN KEY(layout_id) REFERENCES layout (id)
);
{figure}
"""
_FORMER = "ALTER TABLE figure RENAME TO former_figure"
_MOVED = """
INSERT INTO figure (version_id, position, cell_id, value, state, printed)
SELECT version_id, position, cell_id, value, state, printed FROM former_figure
ORDER BY cell_id, version_id, position
"""
# Sums over a country need no second look, as before.
_KEYED = f"""
ALTER TABLE figure DROP CONSTRAINT pk_figure,
ADD CONSTRAINT pk_figure {KEY} INCLUDE (value, state)
"""
_PRINTED = "SELECT version_id, cell_id FROM figure ORDER BY version_id, position"
_CELLS = """
SELECT c.form, c.indicator, c.label, c.applicant, c.unit, c.place
FROM layout_cell l JOIN cell c ON c.id = l.cell_id WHERE l.layout_id = :id ORDER BY l.position
"""
_BATCH = 1_000
_layout = sa.table("layout", sa.column("id"), sa.column("digest", sa.LargeBinary))
_layout_cell = sa.table(
    "layout_cell", sa.column("layout_id"), sa.column("position"), sa.column("cell_id")
)
_version_layout = sa.table("version_layout", sa.column("version_id"), sa.column("layout_id"))


def upgrade() -> None:
    """Finds the layouts, and gives the figures their order."""
    bind = op.get_bind()
    dialect = bind.dialect.name
    *layouts, of_figures = DDL.format(**TYPES[dialect]).split(";\n")
    for statement in layouts:
        op.execute(statement)
    made = _keep_layouts(bind)
    op.drop_index("ix_figure_cell")
    if dialect == "postgresql":
        op.execute(_KEYED)
        op.execute(of_figures)
        last = "SELECT setval(pg_get_serial_sequence('layout', 'id'), :last, :any)"
        bind.execute(sa.text(last), {"last": max(made, 1), "any": made > 0})
        return
    op.execute(_FORMER)
    op.execute(of_figures)
    bind.execute(sa.text(_MOVED))
    op.drop_table("former_figure")


def _keep_layouts(bind: sa.Connection) -> int:
    """How many there are. Known by the ids of their cells, of which the digest alone is kept."""
    known: dict[bytes, int] = {}
    waiting: list[dict[str, int]] = []
    rows = bind.execute(sa.text(_PRINTED), execution_options={"yield_per": _BATCH})
    for version_id, of_one in groupby(rows, key=itemgetter(0)):
        cell_ids = [int(row[1]) for row in of_one]
        digest = _digest(repr(cell_ids))
        if digest not in known:
            known[digest] = len(known) + 1
            _make(bind, known[digest], digest, cell_ids)
        waiting.append({"version_id": version_id, "layout_id": known[digest]})
        if len(waiting) >= _BATCH:
            bind.execute(sa.insert(_version_layout), waiting)
            waiting = []
    if waiting:
        bind.execute(sa.insert(_version_layout), waiting)
    return len(known)


def _make(bind: sa.Connection, layout_id: int, digest: bytes, cell_ids: list[int]) -> None:
    """With the digest that it has in every archive, in place of that of its ids here."""
    bind.execute(sa.insert(_layout), {"id": layout_id, "digest": digest})
    stands = [
        {"layout_id": layout_id, "position": position, "cell_id": cell_id}
        for position, cell_id in enumerate(cell_ids)
    ]
    bind.execute(sa.insert(_layout_cell), stands)
    cells = [list(row) for row in bind.execute(sa.text(_CELLS), {"id": layout_id})]
    spelled = json.dumps(cells, ensure_ascii=False, separators=(",", ":"))
    own = sa.update(_layout).where(_layout.c.id == layout_id)
    bind.execute(own.values(digest=_digest(spelled)))


def _digest(text: str) -> bytes:
    """As archive.store.write.shared_rows.digest_of makes it; a migration knows no code of today."""
    return hashlib.sha256(text.encode()).digest()[:16]
