"""The index of a home's files, where the ledger's would be."""

from collections.abc import Iterator

from archive.warc.cdxj import CdxRow, cdx_rows
from archive.warc.folder import warc_files
from archive.work.home import Home
from archive.work.preservation.cdx_query import CdxQuery, Match, instant
from archive.work.preservation.cdx_service import Lookup


def lookup_in(home: Home) -> Lookup:
    def fits(row: CdxRow, query: CdxQuery) -> bool:
        row_url, url = (each.partition(":")[2] for each in (row.url, query.url))
        return row_url == url if query.match is Match.EXACT else row_url.startswith(url)

    def found(query: CdxQuery) -> Iterator[CdxRow]:
        files = warc_files(home.files)
        rows = [row for file in files for row in cdx_rows(file) if fits(row, query)]
        rows.sort(key=lambda row: (row.url, row.timestamp))
        if query.closest is not None:
            at = query.closest
            rows.sort(key=lambda row: abs(instant(row.timestamp, "") - at))
        yield from rows[: query.limit]

    return found
