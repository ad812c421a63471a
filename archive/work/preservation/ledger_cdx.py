"""Answers CDX queries from the ledger: sorted by URL key and time, or nearest first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice

from archive.model.url import key_of
from archive.store import Connection, Store
from archive.store.query.indexed_captures import (
    IndexedCapture,
    IndexedPage,
    captures_near,
    captures_of,
    pages_at,
    pages_of_domain,
    pages_under,
)
from archive.store.query.withdrawals import Withdrawal, is_any_withdrawn, withdrawals_of
from archive.warc.cdxj import CdxRow, without_retried
from archive.warc.surt import surt
from archive.work.preservation.cdx_query import CdxQuery, Match

MAX_NEAR = 1_000
"""How many captures a query by nearness gives at most."""

_PAGES_AT_ONCE = 50  # whose captures are in memory together


def ledger_rows(store: Store, query: CdxQuery) -> Iterator[CdxRow]:
    """The captures that a query asks for, as the ledger knows them.

    Around `closest` two index scans a page give them. Otherwise they come by URL key and time, some
    pages at a time, however many there are. Left out are withdrawn captures, and cut answers that a
    whole one of the same visit stands beside (archive.warc.cdxj.without_retried).
    """
    pages = _pages(store, query)
    if query.closest is not None:
        return iter(_near(store, pages, query, query.closest))
    return islice(_by_key(store, pages, query), query.limit)


def cdx_row(capture: IndexedCapture) -> CdxRow:
    """A capture of the ledger as replay engines want to see it."""
    revisit = capture.record_type == "revisit"
    return CdxRow(
        url=capture.key,
        timestamp=f"{capture.captured_at:%Y%m%d%H%M%S}",
        mime="warc/revisit" if revisit else capture.media_type,
        # A 304 stands for the capture that it refers to, which has a status of its own.
        status=None if capture.status in (0, 304) else capture.status,
        digest=capture.payload_digest,
        length=capture.spot.length,
        offset=capture.spot.offset,
        filename=capture.spot.file,
        truncated=capture.truncated,
    )


def _pages(store: Store, query: CdxQuery) -> list[IndexedPage]:
    with store.read() as connection:
        match query.match:
            case Match.EXACT:
                return pages_at(connection, [key_of(url) for url in _schemes(query.url)])
            case Match.DOMAIN:
                return pages_of_domain(connection, query.url)
            case _:
                return pages_under(connection, _schemes(query.url))


def _schemes(url: str) -> tuple[str, str]:
    """A URL under both http and https, whichever was captured."""
    scheme, _, rest = url.partition(":")
    return url, f"{'http' if scheme == 'https' else 'https'}:{rest}"


def _near(
    store: Store, pages: Sequence[IndexedPage], query: CdxQuery, at: datetime
) -> list[CdxRow]:
    limit = min(query.limit or MAX_NEAR, MAX_NEAR)
    with store.read() as connection:
        found = [
            each
            for page in pages[:MAX_NEAR]
            for each in captures_near(
                connection, page.page_id, at, limit=limit, start=query.start, end=query.end
            )
        ]
        found = _public(connection, found)
    found.sort(key=lambda each: abs(each.captured_at.replace(microsecond=0) - at))
    return without_retried([cdx_row(each) for each in found])[:limit]


def _by_key(store: Store, pages: Sequence[IndexedPage], query: CdxQuery) -> Iterator[CdxRow]:
    """Some pages at a time, those with one URL key together, so that all come in order."""
    keyed = sorted((surt(page.key), page.page_id) for page in pages)
    if query.reverse:
        keyed.reverse()
    for batch in _batches(keyed):
        with store.read() as connection:
            found = captures_of(connection, batch, start=query.start, end=query.end)
            found = _public(connection, found)
        found.sort(key=lambda each: (batch[each.page_id], each.captured_at), reverse=query.reverse)
        yield from without_retried([cdx_row(each) for each in found])


def why_withdrawn(store: Store, url: str, at: datetime) -> str | None:
    """Why the capture that would be shown of a canonical URL at an instant is out of public view;
    None where it is not.
    """
    with store.read() as connection:
        if not is_any_withdrawn(connection):
            return None
        pages = pages_at(connection, [key_of(each) for each in _schemes(url)])
        withdrawn = withdrawals_of(connection, [page.page_id for page in pages])
        if not withdrawn:
            return None
        found = [
            each for page in pages for each in captures_near(connection, page.page_id, at, limit=1)
        ]
    if not found:
        return withdrawn[0].reason
    nearest = min(found, key=lambda each: abs(each.captured_at.replace(microsecond=0) - at))
    return next((each.reason for each in withdrawn if _hides(each, nearest)), None)


def _public(connection: Connection, found: list[IndexedCapture]) -> list[IndexedCapture]:
    withdrawn = withdrawals_of(connection, {each.page_id for each in found})
    if not withdrawn:
        return found
    return [each for each in found if not any(_hides(one, each) for one in withdrawn)]


def _hides(withdrawal: Withdrawal, capture: IndexedCapture) -> bool:
    return withdrawal.page_id == capture.page_id and withdrawal.covers(capture.captured_at)


def _batches(keyed: Sequence[tuple[str, int]]) -> Iterator[dict[int, str]]:
    """Pages with their URL keys, no key in two batches."""
    batch: dict[int, str] = {}
    for key, group in groupby(keyed, key=lambda each: each[0]):
        batch.update((page_id, key) for _, page_id in group)
        if len(batch) >= _PAGES_AT_ONCE:
            yield batch
            batch = {}
    if batch:
        yield batch
