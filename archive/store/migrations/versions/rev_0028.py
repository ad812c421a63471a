"""What coverage was made from names runs by their ids: by their times, what came after a run of a
clock that was ahead was never looked at. Runs that have not finished have an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"

TYPES = {
    "sqlite": {"id": "INTEGER", "json": "JSON"},
    "postgresql": {"id": "BIGINT", "json": "JSONB"},
}
DDL = """
CREATE TABLE covered_mark (
    made_by TEXT NOT NULL,
    catalogue TEXT NOT NULL,
    last_run {id} NOT NULL,
    unfinished {json} NOT NULL,
    CONSTRAINT pk_covered_mark PRIMARY KEY (made_by)
);
CREATE INDEX ix_run_unfinished ON run (status, id) WHERE status <> 'finished'
"""


def upgrade() -> None:
    """Makes the table anew, with the mark of a table that is to be made anew if it was made."""
    was_made = op.get_bind().scalar(sa.text("SELECT count(*) FROM covered_mark"))
    op.drop_table("covered_mark")
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(sa.text(statement))
    if was_made:
        op.execute(sa.text("INSERT INTO covered_mark VALUES ('', '', 0, '{}')"))
