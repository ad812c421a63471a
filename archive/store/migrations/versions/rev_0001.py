"""The first schema: rev_0001.sqlite.sql and rev_0001.postgresql.sql, statement by statement."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes all tables and indexes."""
    dialect = op.get_bind().dialect.name
    script = Path(__file__).with_name(f"rev_0001.{dialect}.sql").read_text("utf-8")
    for statement in script.split(";\n"):
        if statement.strip():
            op.execute(statement)
