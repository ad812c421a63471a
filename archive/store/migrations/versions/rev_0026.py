"""What was read from pictures."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ADDED = ("optical_document", "optical_reading", "optical_picture", "optical_figure")
TYPES = {
    "sqlite": {
        "id": "INTEGER", "document_id": "INTEGER", "instant": "TEXT", "bytes": "BLOB",
        "float": "FLOAT", "small": "SMALLINT", "without_rowid": " WITHOUT ROWID",
    },
    "postgresql": {
        "id": "BIGINT", "document_id": "BIGSERIAL", "instant": "TIMESTAMP WITH TIME ZONE",
        "bytes": "BYTEA", "float": "FLOAT", "small": "SMALLINT", "without_rowid": "",
    },
}  # fmt: skip
DDL = """
CREATE TABLE optical_document (
    id {document_id} NOT NULL,
    pictures TEXT NOT NULL,
    engine TEXT NOT NULL,
    made_at {instant} NOT NULL,
    packed {bytes} NOT NULL,
    CONSTRAINT pk_optical_document PRIMARY KEY (id),
    CONSTRAINT uq_optical_document_pictures UNIQUE (pictures, engine)
);
CREATE TABLE optical_reading (
    version_id {id} NOT NULL,
    document_id {id} NOT NULL,
    captured_hash TEXT NOT NULL,
    missing INTEGER NOT NULL,
    CONSTRAINT pk_optical_reading PRIMARY KEY (version_id),
    CONSTRAINT fk_optical_reading_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_optical_reading_document_id FOREIGN KEY(document_id)
        REFERENCES optical_document (id)
);
CREATE TABLE optical_picture (
    version_id {id} NOT NULL,
    source INTEGER NOT NULL,
    capture_id {id} NOT NULL,
    CONSTRAINT pk_optical_picture PRIMARY KEY (version_id, source),
    CONSTRAINT fk_optical_picture_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_optical_picture_capture_id FOREIGN KEY(capture_id) REFERENCES capture (id)
){without_rowid};
CREATE TABLE optical_figure (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    certainty {small} NOT NULL,
    confidence {float} NOT NULL,
    page INTEGER NOT NULL,
    x INTEGER NOT NULL,
    y INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    CONSTRAINT pk_optical_figure PRIMARY KEY (version_id, position),
    CONSTRAINT fk_optical_figure_version_id FOREIGN KEY(version_id) REFERENCES version (id)
){without_rowid};
CREATE INDEX ix_finding_pictures ON finding (version_id) WHERE rule = 'image_only'
"""


def upgrade() -> None:
    """Makes the tables, and an index over the versions that are pictures; `gongkai ocr` fills."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(sa.text(statement))
