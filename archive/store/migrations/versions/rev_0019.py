"""Which statements count for a body and year, where no table does."""

from alembic import op

revision = "0019"
down_revision = "0018"

ADDED = ("counted_statement",)
TYPES = {
    "sqlite": {"id": "INTEGER", "tail": " WITHOUT ROWID"},
    "postgresql": {"id": "BIGINT", "tail": ""},
}
DDL = """
CREATE TABLE counted_statement (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_counted_statement PRIMARY KEY (version_id, position),
    CONSTRAINT fk_counted_statement_version_id FOREIGN KEY(version_id) REFERENCES version (id)
){tail}
"""


def upgrade() -> None:
    """Makes the table; no version read by an earlier reader has statements."""
    op.execute(DDL.format(**TYPES[op.get_bind().dialect.name]))
