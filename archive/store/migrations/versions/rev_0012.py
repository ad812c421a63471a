"""What was withdrawn from public view, with who, when and why."""

from alembic import op

revision = "0012"
down_revision = "0011"

ADDED = ("withdrawal",)
TYPES = {
    "sqlite": {"id": "INTEGER", "key": "INTEGER", "instant": "TEXT"},
    "postgresql": {"id": "BIGINT", "key": "BIGSERIAL", "instant": "TIMESTAMP WITH TIME ZONE"},
}
DDL = """
CREATE TABLE withdrawal (
    id {key} NOT NULL,
    page_id {id} NOT NULL,
    version INTEGER,
    reason TEXT NOT NULL,
    withdrawn_by TEXT NOT NULL,
    withdrawn_at {instant} NOT NULL,
    restored_by TEXT,
    restored_at {instant},
    restored_reason TEXT,
    CONSTRAINT pk_withdrawal PRIMARY KEY (id),
    CONSTRAINT fk_withdrawal_page_id FOREIGN KEY(page_id) REFERENCES page (id)
);
CREATE INDEX ix_withdrawal_page ON withdrawal (page_id)
"""


def upgrade() -> None:
    """Makes the table."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
