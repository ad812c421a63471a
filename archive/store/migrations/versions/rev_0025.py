"""Questions of an archive as large as the country walk an index: pages by the day printed on them
and by their kind, sums over the pages of each portal.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

SHORT = {"sqlite": "", "postgresql": " AND length(value) <= 500"}
DDL = """
CREATE INDEX ix_field_published ON field (value, version_id) WHERE name = 'published_on'{short};
CREATE INDEX ix_field_written ON field (value, version_id) WHERE name = 'written_on'{short};
CREATE INDEX ix_version_other ON version (kind)
    WHERE kind IN ('article', 'attachment', 'other');
CREATE INDEX ix_page_portal
    ON page (portal_key, role, next_due_at, versions, kind, last_captured_at)
"""
TYPES = {dialect: {"short": short} for dialect, short in SHORT.items()}


def upgrade() -> None:
    """Makes the indexes."""
    op.drop_index("ix_page_portal")
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(sa.text(statement))
