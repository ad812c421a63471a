"""Files of others that were taken in, and where in them each of their captures stood."""

from alembic import op

revision = "0011"
down_revision = "0010"

ADDED = ("source", "capture_source")
TYPES = {
    "sqlite": {"id": "INTEGER", "key": "INTEGER", "instant": "TEXT"},
    "postgresql": {"id": "BIGINT", "key": "BIGSERIAL", "instant": "TIMESTAMP WITH TIME ZONE"},
}
DDL = """
CREATE TABLE source (
    id {key} NOT NULL,
    sha256 TEXT NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    size_bytes {id} NOT NULL,
    copy TEXT,
    run_id {id} NOT NULL,
    taken_in_at {instant} NOT NULL,
    CONSTRAINT pk_source PRIMARY KEY (id),
    CONSTRAINT uq_source_sha256 UNIQUE (sha256),
    CONSTRAINT fk_source_run_id FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE TABLE capture_source (
    capture_id {id} NOT NULL,
    source_id {id} NOT NULL,
    part TEXT NOT NULL,
    source_offset {id} NOT NULL,
    record_id TEXT,
    payload_digest TEXT,
    outcome TEXT,
    reason TEXT,
    CONSTRAINT pk_capture_source PRIMARY KEY (capture_id),
    CONSTRAINT fk_capture_source_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id),
    CONSTRAINT fk_capture_source_source_id FOREIGN KEY(source_id) REFERENCES source (id)
);
CREATE INDEX ix_capture_source_record ON capture_source (record_id);
CREATE INDEX ix_capture_source_digest ON capture_source (payload_digest);
CREATE INDEX ix_capture_source_outcome ON capture_source (outcome)
"""


def upgrade() -> None:
    """Makes both tables."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
