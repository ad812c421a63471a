"""Of a host is kept how many times in a row it sent us away, and where its name led."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ADDED_COLUMNS = (("host", "refusals"), ("host", "ip_addresses"))


def upgrade() -> None:
    """Adds both."""
    op.add_column("host", sa.Column("refusals", sa.Integer, nullable=False, server_default="0"))
    op.add_column("host", sa.Column("ip_addresses", sa.Text))
