"""A version has its day beside its year: orders and bounds by day go by one narrow index, in place
of two over fields, of which each row had to be looked up.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"

ADDED_COLUMNS = (("version", "day"),)
FORMER_INDEXES = ("ix_field_published", "ix_field_written", "ix_version_year")
TYPES: dict[str, dict[str, str]] = {"sqlite": {}, "postgresql": {}}
DDL = """
CREATE INDEX ix_version_day ON version (day, id);
CREATE INDEX ix_version_year ON version (report_year, day, id)
"""
# published_on, or else written_on, by their ids in field_word.
_DAYS = """
UPDATE version SET day = coalesce(
    substr((SELECT f.value FROM field f
        WHERE f.version_id = version.id AND f.name_id = 2 AND f.chosen), 1, 10),
    substr((SELECT f.value FROM field f
        WHERE f.version_id = version.id AND f.name_id = 3 AND f.chosen), 1, 10),
    '')
"""


def upgrade() -> None:
    """Adds the column, filled from the fields, and its indexes."""
    for index in FORMER_INDEXES:
        op.drop_index(index)
    op.add_column("version", sa.Column("day", sa.Text, nullable=False, server_default=""))
    op.execute(_DAYS)
    for statement in DDL.split(";\n"):
        op.execute(sa.text(statement))
