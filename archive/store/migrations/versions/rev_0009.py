"""Of an outcome is kept as what its URL was scheduled and over which redirects, of a run until when
its facts lie in the WARC files: what a ledger is made of again when it is lost.
"""

import sqlalchemy as sa
from alembic import op

from archive.store.types import Instant, Json

revision = "0009"
down_revision = "0008"

ADDED_COLUMNS = (("run", "recorded_at"), ("outcome", "role"), ("outcome", "hops"))


def upgrade() -> None:
    """Adds all three; nobody knows them of what is over."""
    op.add_column("run", sa.Column("recorded_at", Instant))
    op.add_column("outcome", sa.Column("role", sa.Text))
    op.add_column("outcome", sa.Column("hops", Json))
