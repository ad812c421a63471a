"""An archive has an id of its own, made here once and never changed: its WARC folder carries it, so
that no other archive takes the files for its own.
"""

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED = ("archive",)


def upgrade() -> None:
    """Makes the table and gives the archive its id."""
    made = op.create_table("archive", sa.Column("id", sa.Text, primary_key=True))
    op.bulk_insert(made, [{"id": str(uuid.uuid4())}])
