"""Changes of one kind are looked up by time."""

from alembic import op

revision = "0022"
down_revision = "0021"

DDL = "CREATE INDEX ix_page_change_what ON page_change (what, at, id)"
TYPES: dict[str, dict[str, str]] = {"sqlite": {}, "postgresql": {}}


def upgrade() -> None:
    """Makes the index."""
    op.execute(DDL)
