"""The tables of reports that say the same. They follow from the texts of the reports that speak,
and are filled behind each run (archive.work.ingest.similarity).
"""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, Table

from archive.store.crawl_tables import metadata

# What was compared: 12 rows of similar_band and some 130 bytes here a report.
report_words = Table(
    "report_words",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True, autoincrement=False),
    # How many shingles it has of its own; what has too few is compared with nothing.
    Column("own", Integer, nullable=False),
    # Its rows of similar_band; NULL: none.
    Column("bands", LargeBinary),
    # A byte for each slot of its MinHash (archive.work.shingles.sketch_of): what cannot be similar
    # is known without its text. NULL: it has no bands, or was compared before schema 0023.
    Column("sketch", LargeBinary),
)

# Which reports to compare: those that share a band (archive.work.shingles.bands_of).
similar_band = Table(
    "similar_band",
    metadata,
    Column("band", Integer, primary_key=True, autoincrement=False),
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    sqlite_with_rowid=False,
)

# Two reports whose words are alike; version_id is the later one.
similar_pair = Table(
    "similar_pair",
    metadata,
    Column("version_id", ForeignKey("version.id"), primary_key=True),
    Column("other_id", ForeignKey("version.id"), primary_key=True),
    Column("similarity", Float, nullable=False),
    sqlite_with_rowid=False,
)
Index("ix_similar_pair_other", similar_pair.c.other_id)
Index("ix_similar_pair_similarity", similar_pair.c.similarity)
