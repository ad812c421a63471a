"""Ledgers with known texts; on PostgreSQL too where one is offered."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive.model.content import content_hash
from archive.model.portal import Portal
from archive.model.reading import Kind, Link, Reading, Role
from archive.search.index import open_indexed
from archive.store import Store
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import Site, crawl

PORTAL = Portal(key="x", name="某县", entries=("http://x.example/",), source="user")
NOW = datetime(2026, 3, 1, tzinfo=UTC)


class Shelf:
    """A ledger of one portal whose pages hold the given (title, text)."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def put(self, texts: Sequence[tuple[str, str]], *, now: datetime = NOW) -> list[str]:
        urls = [f"http://x.example/{place}.htm" for place in range(len(texts))]
        pages = dict(zip(urls, (reading(*text) for text in texts), strict=True))
        links = tuple(Link(url=each, text="", role=Role.PAGE) for each in urls)
        entry = reading("目录", "列表页", kind=Kind.LIST, links=links)
        crawl(self.store, Site(readings={PORTAL.entries[0]: entry, **pages}), now=now,
              portals=(PORTAL,))  # fmt: skip
        return urls


def reading(
    title: str, content: str, *, kind: Kind = Kind.ARTICLE, links: tuple[Link, ...] = ()
) -> Reading:
    lines = tuple(content.split("\n"))
    return Reading(
        reader_version="test", kind=kind, family=None, charset_declared=None, charset_used=None,
        title=title, lines=lines, content_hash=content_hash(title, lines), links=links,
    )  # fmt: skip


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a ledger can be made."""
    with ledger_on(request.param, tmp_path) as place:
        yield place


@pytest.fixture
def shelf(location: str) -> Iterator[Shelf]:
    with open_indexed(location) as store:
        yield Shelf(store)
