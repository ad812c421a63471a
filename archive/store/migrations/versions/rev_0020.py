"""Which reports say the same."""

from alembic import op

revision = "0020"
down_revision = "0019"

ADDED = ("report_words", "similar_band", "similar_pair")
TYPES = {
    "sqlite": {"id": "INTEGER", "bytes": "BLOB", "tail": " WITHOUT ROWID"},
    "postgresql": {"id": "BIGINT", "bytes": "BYTEA", "tail": ""},
}
DDL = """
CREATE TABLE report_words (
    version_id {id} NOT NULL,
    own INTEGER NOT NULL,
    bands {bytes},
    CONSTRAINT pk_report_words PRIMARY KEY (version_id),
    CONSTRAINT fk_report_words_version_id FOREIGN KEY(version_id) REFERENCES version (id)
);
CREATE TABLE similar_band (
    band INTEGER NOT NULL,
    version_id {id} NOT NULL,
    CONSTRAINT pk_similar_band PRIMARY KEY (band, version_id),
    CONSTRAINT fk_similar_band_version_id FOREIGN KEY(version_id) REFERENCES version (id)
){tail};
CREATE TABLE similar_pair (
    version_id {id} NOT NULL,
    other_id {id} NOT NULL,
    similarity FLOAT NOT NULL,
    CONSTRAINT pk_similar_pair PRIMARY KEY (version_id, other_id),
    CONSTRAINT fk_similar_pair_version_id FOREIGN KEY(version_id) REFERENCES version (id),
    CONSTRAINT fk_similar_pair_other_id FOREIGN KEY(other_id) REFERENCES version (id)
){tail};
CREATE INDEX ix_similar_pair_other ON similar_pair (other_id);
CREATE INDEX ix_similar_pair_similarity ON similar_pair (similarity)
"""


def upgrade() -> None:
    """Makes the tables, which the next run fills."""
    for statement in DDL.format(**TYPES[op.get_bind().dialect.name]).split(";\n"):
        op.execute(statement)
