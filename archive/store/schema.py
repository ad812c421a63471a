"""The tables of the ledger. Names are singular; ids are row numbers; times are UTC instants.

Tables whose name begins with `search_` belong to archive.search, which makes them itself.
"""

from archive.store.counting_tables import (
    codebook,
    concept,
    counted_for,
    current_report,
    division,
    indicator,
    repeated_figure,
    rule,
)
from archive.store.coverage_tables import covered, covered_count, covered_mark, portal_look
from archive.store.crawl_tables import (
    archive,
    capture,
    frontier,
    host,
    metadata,
    outcome,
    page,
    portal,
    run,
    run_portal,
    warc_file,
)
from archive.store.lost_tables import known_damage, lost_capture
from archive.store.reading_tables import (
    body,
    cell,
    check_result,
    earlier_reading,
    field,
    field_event,
    figure,
    finding,
    held_checks,
    link,
    public_body,
    version,
    year_check,
    year_pair,
)
from archive.store.source_tables import capture_source, source
from archive.store.withdrawal_table import withdrawal

__all__ = [
    "archive",
    "body",
    "capture",
    "capture_source",
    "cell",
    "check_result",
    "codebook",
    "concept",
    "counted_for",
    "covered",
    "covered_count",
    "covered_mark",
    "current_report",
    "division",
    "earlier_reading",
    "field",
    "field_event",
    "figure",
    "finding",
    "frontier",
    "held_checks",
    "host",
    "indicator",
    "known_damage",
    "link",
    "lost_capture",
    "metadata",
    "outcome",
    "page",
    "portal",
    "portal_look",
    "public_body",
    "repeated_figure",
    "rule",
    "run",
    "run_portal",
    "source",
    "version",
    "warc_file",
    "withdrawal",
    "year_check",
    "year_pair",
]
