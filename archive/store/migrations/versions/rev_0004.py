"""Session parameters are no part of a page's key any more: stored pages take today's keys."""

from alembic import op

from archive.store.write.rekeying import rekey

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Recomputes them."""
    rekey(op.get_bind())
