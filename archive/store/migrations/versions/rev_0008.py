"""What an earlier reader understood of a version is kept beside what today's reader understands;
a capture that made no version has the reader that looked into it last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

ADDED = ("earlier_reading",)
ADDED_COLUMNS = (("capture", "reader_version"),)
TYPES = {
    "sqlite": {"id": "INTEGER", "instant": "TEXT", "bytes": "BLOB"},
    "postgresql": {"id": "BIGINT", "instant": "TIMESTAMP WITH TIME ZONE", "bytes": "BYTEA"},
}
DDL = """
CREATE TABLE earlier_reading (
    version_id {id} NOT NULL,
    reader_version TEXT NOT NULL,
    reread_at {instant} NOT NULL,
    content_hash TEXT NOT NULL,
    packed {bytes} NOT NULL,
    CONSTRAINT pk_earlier_reading PRIMARY KEY (version_id, reader_version),
    CONSTRAINT fk_earlier_reading_version_id FOREIGN KEY(version_id) REFERENCES version (id)
)
"""


def upgrade() -> None:
    """Makes the table and adds the column."""
    op.execute(DDL.format(**TYPES[op.get_bind().dialect.name]))
    op.add_column("capture", sa.Column("reader_version", sa.Text))
