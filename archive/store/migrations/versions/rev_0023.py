"""Reports that cannot be similar are known by their sketch."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

ADDED_COLUMNS = (("report_words", "sketch"),)


def upgrade() -> None:
    """Adds the column; reports compared before have none, and are compared by their texts."""
    op.add_column("report_words", sa.Column("sketch", sa.LargeBinary))
