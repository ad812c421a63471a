"""Two columns go that nothing filled: a portal's learned family is asked of its lists, and whether
a WARC file is closed is told by its name.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

DROPPED = (("portal", "learned_family"), ("warc_file", "closed"))


def upgrade() -> None:
    """Drops them."""
    for table, column in DROPPED:
        op.drop_column(table, column)
