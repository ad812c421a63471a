"""Which captures are known to be lost, and where damage of the WARC files is known."""

from alembic import op

revision = "0013"
down_revision = "0012"

ADDED = ("lost_capture", "known_damage")
TYPES = {
    "sqlite": {"id": "INTEGER", "instant": "TEXT"},
    "postgresql": {"id": "BIGINT", "instant": "TIMESTAMP WITH TIME ZONE"},
}
DDL = """
CREATE TABLE lost_capture (
    capture_id {id} NOT NULL,
    found_at {instant} NOT NULL,
    reason TEXT NOT NULL,
    replaced_by {id},
    CONSTRAINT pk_lost_capture PRIMARY KEY (capture_id),
    CONSTRAINT fk_lost_capture_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id),
    CONSTRAINT fk_lost_capture_replaced_by FOREIGN KEY(replaced_by) REFERENCES capture (id)
);
CREATE TABLE known_damage (
    file TEXT NOT NULL,
    warc_offset {id} NOT NULL,
    found_at {instant} NOT NULL,
    message TEXT NOT NULL,
    CONSTRAINT pk_known_damage PRIMARY KEY (file, warc_offset)
)
"""


def upgrade() -> None:
    """Makes both tables."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
