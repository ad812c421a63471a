"""Which reports there are and should be, kept up to date."""

from alembic import op

revision = "0016"
down_revision = "0015"

ADDED = ("covered", "portal_look", "covered_count", "covered_mark")
TYPES = {
    "sqlite": {
        "id": "INTEGER", "key": "TEXT", "instant": "TEXT", "without_rowid": " WITHOUT ROWID",
    },
    "postgresql": {
        "id": "BIGINT", "key": 'TEXT COLLATE "C"', "instant": "TIMESTAMP WITH TIME ZONE",
        "without_rowid": "",
    },
}  # fmt: skip
DDL = """
CREATE TABLE covered (
    public_body_id {id} NOT NULL,
    year INTEGER NOT NULL,
    state TEXT NOT NULL,
    due_on TEXT NOT NULL,
    portal_key {key} NOT NULL,
    version_id {id},
    page_id {id},
    published_on TEXT,
    days_late INTEGER,
    reason TEXT,
    CONSTRAINT pk_covered PRIMARY KEY (public_body_id, year),
    CONSTRAINT fk_covered_public_body_id FOREIGN KEY(public_body_id) REFERENCES public_body (id),
    CONSTRAINT fk_covered_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_covered_page_id FOREIGN KEY(page_id) REFERENCES page (id)
){without_rowid};
CREATE TABLE portal_look (
    portal_key {key} NOT NULL,
    public_body_id {id} NOT NULL,
    read_on TEXT,
    refused TEXT,
    CONSTRAINT pk_portal_look PRIMARY KEY (portal_key),
    CONSTRAINT fk_portal_look_public_body_id FOREIGN KEY(public_body_id) REFERENCES public_body (id)
);
CREATE TABLE covered_count (
    division TEXT NOT NULL,
    kind TEXT NOT NULL,
    year INTEGER NOT NULL,
    state TEXT NOT NULL,
    has_report BOOLEAN NOT NULL,
    due_on TEXT NOT NULL,
    bodies INTEGER NOT NULL,
    CONSTRAINT pk_covered_count PRIMARY KEY (division, kind, year, state, has_report)
){without_rowid};
CREATE TABLE covered_mark (
    made_by TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    ended_at {instant},
    CONSTRAINT pk_covered_mark PRIMARY KEY (made_by)
)
"""


def upgrade() -> None:
    """Makes the tables; archive.work.ingest.covering fills them."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
