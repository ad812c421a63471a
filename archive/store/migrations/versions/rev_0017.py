"""What changed on pages, and which visits found one gone."""

from alembic import op

revision = "0017"
down_revision = "0016"

ADDED = ("version_pair", "page_change")
TYPES = {
    "sqlite": {"id": "INTEGER", "key": "INTEGER", "instant": "TEXT"},
    "postgresql": {"id": "BIGINT", "key": "BIGSERIAL", "instant": "TIMESTAMP WITH TIME ZONE"},
}
DDL = """
CREATE TABLE version_pair (
    version_id {id} NOT NULL,
    earlier_id {id} NOT NULL,
    CONSTRAINT pk_version_pair PRIMARY KEY (version_id),
    CONSTRAINT fk_version_pair_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_version_pair_earlier_id FOREIGN KEY(earlier_id) REFERENCES version (id)
);
CREATE INDEX ix_version_pair_earlier ON version_pair (earlier_id);
CREATE TABLE page_change (
    id {key} NOT NULL,
    version_id {id} NOT NULL,
    at {instant} NOT NULL,
    what TEXT NOT NULL,
    cell_id {id},
    name TEXT,
    removed INTEGER,
    added INTEGER,
    old_value TEXT,
    new_value TEXT,
    event_id {id},
    run_id {id},
    CONSTRAINT pk_page_change PRIMARY KEY (id),
    CONSTRAINT fk_page_change_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_page_change_cell_id FOREIGN KEY(cell_id) REFERENCES cell (id),
    CONSTRAINT fk_page_change_event_id FOREIGN KEY(event_id) REFERENCES field_event (id),
    CONSTRAINT fk_page_change_run_id FOREIGN KEY(run_id) REFERENCES run (id)
);
CREATE INDEX ix_page_change_at ON page_change (at, id);
CREATE INDEX ix_page_change_version ON page_change (version_id);
CREATE INDEX ix_page_change_cell ON page_change (cell_id);
CREATE INDEX ix_outcome_gone ON outcome (page_id) WHERE outcome IN ('gone', 'soft_404')
"""


def upgrade() -> None:
    """Makes the tables, which the next run fills, and the index."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
