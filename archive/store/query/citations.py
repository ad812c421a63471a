"""What a citation says of one version: a row of the view `citations`."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Integer, Text, column, select, table

from archive.store.types import Instant

_TYPES = {"captured_at": Instant, "version": Integer, "report_year": Integer,
          "warc_offset": Integer, "body_id": Integer}  # fmt: skip

_ADDRESSES = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationRow:
    """A version as it is cited. title, report_year, published_on (ISO date): None when the page
    does not say. body: None when neither the page nor the catalogue names one. payload_digest: None
    for an exchange without a body. body_id, division: of the public body; None when it is not
    known, or its place is not.
    """

    url: str
    version: int
    title: str | None
    body: str | None
    report_year: int | None
    captured_at: datetime
    content_hash: str
    reader_version: str
    payload_digest: str | None
    warc_file: str
    warc_offset: int
    published_on: str | None
    body_id: int | None
    division: str | None


def citation_row(connection: Connection, url: str, number: int) -> CitationRow | None:
    """The version of that number of the page with that key; None when there is none."""
    names = list(CitationRow.__dataclass_fields__)
    view = table("citations", *(column(name, _TYPES.get(name, Text)) for name in names))
    query = select(view).where(view.c.url == url, view.c.version == number)
    row = connection.execute(query).mappings().first()
    if row is None:
        return None
    # A portal that nobody has named yet is called by its address, which is no author.
    body = None if str(row["body"]).startswith(_ADDRESSES) else row["body"]
    return CitationRow(**{**row, "body": body})
