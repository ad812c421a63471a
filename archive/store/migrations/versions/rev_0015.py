"""What reports state in prose: numbers, with places in the text that is stored anyway."""

from alembic import op

revision = "0015"
down_revision = "0014"

ADDED = ("statement_kind", "statement")
TYPES = {
    "sqlite": {"id": "INTEGER", "key": "INTEGER", "exact": "TEXT", "tail": " WITHOUT ROWID"},
    "postgresql": {"id": "BIGINT", "key": "BIGSERIAL", "exact": "NUMERIC", "tail": ""},
}
DDL = """
CREATE TABLE statement_kind (
    id {key} NOT NULL,
    concept TEXT NOT NULL,
    unit TEXT NOT NULL,
    period TEXT NOT NULL,
    CONSTRAINT pk_statement_kind PRIMARY KEY (id),
    CONSTRAINT uq_statement_kind_concept UNIQUE (concept, unit, period)
);
CREATE TABLE statement (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    kind_id {id} NOT NULL,
    value {exact} NOT NULL,
    state SMALLINT NOT NULL,
    line INTEGER NOT NULL,
    sentence_at INTEGER NOT NULL,
    sentence_length INTEGER NOT NULL,
    printed_at INTEGER NOT NULL,
    printed_length INTEGER NOT NULL,
    CONSTRAINT pk_statement PRIMARY KEY (version_id, position),
    CONSTRAINT fk_statement_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_statement_kind_id FOREIGN KEY(kind_id) REFERENCES statement_kind (id)
){tail};
CREATE INDEX ix_statement_kind ON statement (kind_id, version_id)
"""


def upgrade() -> None:
    """Makes both tables; they are filled when versions are read again (gongkai reread)."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
