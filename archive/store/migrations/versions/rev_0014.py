"""Which report speaks for a body and year, and the codebook as tables."""

from alembic import op

revision = "0014"
down_revision = "0013"

ADDED = (
    "current_report", "counted_for", "repeated_figure", "codebook", "indicator", "concept", "rule",
    "division",
)  # fmt: skip
TYPES = {
    "sqlite": {"id": "INTEGER", "text": "TEXT", "without_rowid": " WITHOUT ROWID"},
    "postgresql": {"id": "BIGINT", "text": 'TEXT COLLATE "C"', "without_rowid": ""},
}
DDL = """
CREATE TABLE current_report (
    version_id {id} NOT NULL,
    public_body_id {id} NOT NULL,
    report_year INTEGER NOT NULL,
    CONSTRAINT pk_current_report PRIMARY KEY (version_id),
    CONSTRAINT uq_current_report_public_body_id UNIQUE (public_body_id, report_year),
    CONSTRAINT fk_current_report_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_current_report_public_body_id FOREIGN KEY(public_body_id)
        REFERENCES public_body (id)
);
CREATE TABLE counted_for (
    portal_key {text} NOT NULL,
    named_id {id} NOT NULL,
    public_body_id {id} NOT NULL,
    CONSTRAINT pk_counted_for PRIMARY KEY (portal_key, named_id),
    CONSTRAINT fk_counted_for_public_body_id FOREIGN KEY(public_body_id) REFERENCES public_body (id)
);
CREATE TABLE repeated_figure (
    version_id {id} NOT NULL,
    position INTEGER NOT NULL,
    CONSTRAINT pk_repeated_figure PRIMARY KEY (version_id, position),
    CONSTRAINT fk_repeated_figure_version_id FOREIGN KEY(version_id) REFERENCES version (id)
){without_rowid};
CREATE TABLE codebook (
    digest TEXT NOT NULL,
    CONSTRAINT pk_codebook PRIMARY KEY (digest)
);
CREATE TABLE indicator (
    indicator TEXT NOT NULL,
    position INTEGER NOT NULL,
    form TEXT NOT NULL,
    label TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit TEXT,
    parent TEXT,
    optional BOOLEAN NOT NULL,
    concept TEXT,
    has_applicants BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_indicator PRIMARY KEY (indicator)
);
CREATE INDEX ix_indicator_concept ON indicator (concept);
CREATE TABLE concept (
    concept TEXT NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    unit TEXT NOT NULL,
    note TEXT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_concept PRIMARY KEY (concept)
);
CREATE TABLE rule (
    position INTEGER NOT NULL,
    rule TEXT NOT NULL,
    forms TEXT NOT NULL,
    scope TEXT NOT NULL,
    text TEXT NOT NULL,
    text_en TEXT NOT NULL,
    kind TEXT NOT NULL,
    strength TEXT NOT NULL,
    source TEXT NOT NULL,
    CONSTRAINT pk_rule PRIMARY KEY (position)
);
CREATE TABLE division (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    level TEXT NOT NULL,
    province TEXT NOT NULL,
    CONSTRAINT pk_division PRIMARY KEY (code)
)
"""


def upgrade() -> None:
    """Makes the tables; opening the ledger fills those of the codebook."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
