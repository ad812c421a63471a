"""Fields are narrow rows: their names and origins are stored once, a print only where it is not the
value; the marks of a site are stored once for all of its pages. Only URLs that are not the key of
their page are indexed.
"""

import hashlib
import json
from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

ADDED = ("field_word", "site_marks", "version_marks")
# In the order of their ids, which views and indexes name.
WORDS = (
    "agency", "published_on", "written_on", "index_number", "document_number", "category",
    "listed_title",
)  # fmt: skip
TYPES = {
    "sqlite": {
        "id": "INTEGER", "key": "INTEGER", "bytes": "BLOB", "without_rowid": " WITHOUT ROWID",
        "short": "", "hash": "",
    },
    "postgresql": {
        "id": "BIGINT", "key": "BIGSERIAL", "bytes": "BYTEA", "without_rowid": "",
        "short": " AND length(value) <= 500", "hash": "USING hash ",
    },
}  # fmt: skip
DDL = """
CREATE TABLE field_word (
    id {key} NOT NULL,
    digest {bytes} NOT NULL,
    word TEXT NOT NULL,
    CONSTRAINT pk_field_word PRIMARY KEY (id),
    CONSTRAINT uq_field_word_digest UNIQUE (digest)
);
CREATE TABLE field (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    name_id {id} NOT NULL,
    origin_id {id} NOT NULL,
    value TEXT,
    printed TEXT,
    chosen BOOLEAN NOT NULL,
    CONSTRAINT pk_field PRIMARY KEY (version_id, position),
    CONSTRAINT fk_field_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_field_name_id FOREIGN KEY(name_id) REFERENCES field_word (id),
    CONSTRAINT fk_field_origin_id FOREIGN KEY(origin_id) REFERENCES field_word (id)
){without_rowid};
CREATE TABLE site_marks (
    id {key} NOT NULL,
    digest {bytes} NOT NULL,
    marks TEXT NOT NULL,
    CONSTRAINT pk_site_marks PRIMARY KEY (id),
    CONSTRAINT uq_site_marks_digest UNIQUE (digest)
);
CREATE TABLE version_marks (
    version_id {id} NOT NULL,
    marks_id {id} NOT NULL,
    CONSTRAINT pk_version_marks PRIMARY KEY (version_id),
    CONSTRAINT fk_version_marks_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_version_marks_marks_id FOREIGN KEY(marks_id) REFERENCES site_marks (id)
);
CREATE INDEX ix_field_agency ON field (name_id, value) WHERE name_id = 1{short};
CREATE INDEX ix_field_published ON field (value, version_id) WHERE name_id = 2{short};
CREATE INDEX ix_field_written ON field (value, version_id) WHERE name_id = 3{short};
CREATE INDEX ix_page_url ON page {hash}(url) WHERE url <> "key"
"""
FORMER_INDEXES = ("ix_field_agency", "ix_field_published", "ix_field_written", "ix_page_url")
_FORMER = "ALTER TABLE field RENAME TO former_field"
# On PostgreSQL no two indexes of a schema share a name, and a primary key is one.
_UNNAMED = "ALTER TABLE former_field DROP CONSTRAINT pk_field"
# A word may be too long for an index of PostgreSQL, which joins them by hash.
_LOOKUP = "CREATE INDEX word_lookup ON field_word (word)"
_DISTINCT = """
SELECT name FROM former_field WHERE part <> 'identity'
UNION SELECT origin FROM former_field WHERE part <> 'identity'
"""
_MOVED = """
INSERT INTO field (version_id, position, name_id, origin_id, value, printed, chosen)
SELECT f.version_id, f.position, n.id, o.id, f.value,
    CASE WHEN f.printed = f.value THEN NULL ELSE f.printed END, f.chosen
FROM former_field f {join} field_word n ON n.word = f.name {join} field_word o ON o.word = f.origin
WHERE f.part <> 'identity' ORDER BY f.version_id, f.position
"""
_MARKS = """
SELECT version_id, name, value, printed, origin FROM former_field WHERE part = 'identity'
ORDER BY version_id, position
"""
_BATCH = 1_000
_word = sa.table("field_word", sa.column("digest", sa.LargeBinary), sa.column("word"))
_marks = sa.table(
    "site_marks", sa.column("id"), sa.column("digest", sa.LargeBinary), sa.column("marks")
)
_version_marks = sa.table("version_marks", sa.column("version_id"), sa.column("marks_id"))


def upgrade() -> None:
    """Moves fields into narrow rows, and marks of sites into rows that pages share."""
    bind = op.get_bind()
    on_postgresql = bind.dialect.name == "postgresql"
    for index in FORMER_INDEXES:
        op.drop_index(index)
    op.execute(_FORMER)
    if on_postgresql:
        op.execute(_UNNAMED)
    tables, indexes = _statements(bind.dialect.name)
    for statement in tables:
        op.execute(sa.text(statement))
    _keep_words(bind)
    if not on_postgresql:
        op.execute(_LOOKUP)
    op.execute(_MOVED.format(join="JOIN" if on_postgresql else "CROSS JOIN"))
    if not on_postgresql:
        op.drop_index("word_lookup")
    _keep_marks(bind)
    op.drop_table("former_field")
    for statement in indexes:
        op.execute(sa.text(statement))


def _statements(dialect: str) -> tuple[list[str], list[str]]:
    made = DDL.format(**TYPES[dialect]).split(";\n")
    indexes = [each for each in made if each.strip().startswith("CREATE INDEX")]
    return [each for each in made if each not in indexes], indexes


def _keep_words(bind: sa.Connection) -> None:
    stored = {row[0] for row in bind.execute(sa.text(_DISTINCT))}
    for word in (*WORDS, *sorted(stored - set(WORDS))):
        bind.execute(sa.insert(_word), {"digest": _digest(word), "word": word})


def _keep_marks(bind: sa.Connection) -> None:
    ids: dict[bytes, int] = {}
    packed = _packed(bind)
    while some := list(islice(packed, _BATCH)):
        fresh = {_digest(marks): marks for _, marks in some}
        for digest in fresh.keys() - ids.keys():
            ids[digest] = len(ids) + 1
            row = {"id": ids[digest], "digest": digest, "marks": fresh[digest]}
            bind.execute(sa.insert(_marks), row)
        rows = [{"version_id": own, "marks_id": ids[_digest(marks)]} for own, marks in some]
        bind.execute(sa.insert(_version_marks), rows)
    if bind.dialect.name == "postgresql" and ids:
        last = "SELECT setval(pg_get_serial_sequence('site_marks', 'id'), :last)"
        bind.execute(sa.text(last), {"last": len(ids)})


def _packed(bind: sa.Connection) -> Iterator[tuple[int, str]]:
    rows = bind.execute(sa.text(_MARKS), execution_options={"yield_per": _BATCH})
    for version_id, of_one in groupby(rows, key=lambda row: int(row[0])):
        columns: list[Any] = list(zip(*(row[1:] for row in of_one), strict=True))
        yield version_id, json.dumps(columns, ensure_ascii=False, separators=(",", ":"))


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()[:16]
