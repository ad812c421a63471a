"""Names of the field: the URL of a page and of a link is called that, who publishes a report is a
public body, and a page between home page and section is navigation. Long keys are shortened.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from archive.store.write.rekeying import rekey

revision = "0006"
down_revision = "0005"

RENAMED_COLUMNS = (
    ("page", "address", "url"),
    ("link", "address", "url"),
    ("version", "office_id", "public_body_id"),
)
# PostgreSQL's B-trees refuse values longer than 2,704 bytes.
HASH = {"postgresql_using": "hash"}
SHORT = {"postgresql_where": sa.func.length(sa.column("value")) <= 500}
REMADE_INDEXES: tuple[tuple[str, str, str, tuple[str, ...], dict[str, Any]], ...] = (
    ("ix_page_address", "ix_page_url", "page", ("url",), HASH),
    ("ix_office_division", "ix_public_body_division", "public_body", ("division",), {}),
    (
        "ix_version_office",
        "ix_version_public_body",
        "version",
        ("public_body_id", "report_year"),
        {},
    ),
    ("ix_field_name", "ix_field_name", "field", ("name", "value"), SHORT),
)
RENAMED_CONSTRAINTS = (
    ("public_body", "pk_office", "pk_public_body"),
    ("public_body", "uq_office_name", "uq_public_body_name"),
    ("version", "fk_version_office_id", "fk_version_public_body_id"),
)
# SQLite cannot rename constraints: the table is made anew, its rows go through a temporary one.
MADE_ANEW = """
PRAGMA defer_foreign_keys = ON;
CREATE TEMPORARY TABLE moved AS SELECT * FROM public_body;
DROP TABLE public_body;
CREATE TABLE public_body (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    division TEXT NOT NULL,
    kind TEXT NOT NULL,
    CONSTRAINT pk_public_body PRIMARY KEY (id),
    CONSTRAINT uq_public_body_name UNIQUE (name, division)
);
INSERT INTO public_body SELECT id, name, division, kind FROM moved;
DROP TABLE moved
"""


def upgrade() -> None:
    """Renames a table, columns, indexes and constraints, and a stored role; shortens keys."""
    rekey(op.get_bind())
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    op.rename_table("office", "public_body")
    for table, old, new in RENAMED_COLUMNS:
        op.alter_column(table, old, new_column_name=new)
    for old, *_ in REMADE_INDEXES:
        op.drop_index(old)
    if on_postgresql:
        for table, old, new in RENAMED_CONSTRAINTS:
            op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}")
    else:
        for statement in MADE_ANEW.split(";\n"):
            op.execute(statement)
    for _, new, table, columns, options in REMADE_INDEXES:
        op.create_index(new, table, columns, **options)
    for table in ("page", "frontier", "link"):
        roles = sa.table(table, sa.column("role"))
        op.execute(roles.update().where(roles.c.role == "way").values(role="navigation"))
