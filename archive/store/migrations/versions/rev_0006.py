"""Names of the field: the URL of a page and of a link is called that."""

from alembic import op

revision = "0006"
down_revision = "0005"

RENAMED_COLUMNS = (("page", "address", "url"), ("link", "address", "url"))


def upgrade() -> None:
    """Renames columns and the index; no row is touched."""
    for table, old, new in RENAMED_COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    op.drop_index("ix_page_address")
    op.create_index("ix_page_url", "page", ["url"])
