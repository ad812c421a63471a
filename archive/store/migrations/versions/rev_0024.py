"""WARC files that were moved to a bucket: where to, their SHA-256 as it was read back, and when."""

import sqlalchemy as sa
from alembic import op

from archive.store.types import Instant

revision = "0024"
down_revision = "0023"

ADDED_COLUMNS = (("warc_file", "location"), ("warc_file", "sha256"), ("warc_file", "moved_at"))


def upgrade() -> None:
    """Adds the columns; nothing has been moved yet."""
    op.add_column("warc_file", sa.Column("location", sa.Text))
    op.add_column("warc_file", sa.Column("sha256", sa.Text))
    op.add_column("warc_file", sa.Column("moved_at", Instant))
