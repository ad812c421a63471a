"""Counts are those of a scan, however they are found."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest

from archive.search.counts import count_hits
from archive.search.index import open_indexed
from archive.search.query import Filters, search
from archive.store import Store
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import (
    DAY,
    PORTALS,
    QINGSHAN,
    YUNHE,
    Site,
    county,
    crawl,
    report,
    url,
)


@pytest.fixture(scope="module", params=ENGINES)
def counties(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("counts")
    with ledger_on(request.param, folder) as place, open_indexed(place) as store:
        pages = county(YUNHE, "云河县", (2019, 2020, 2021)) | county(QINGSHAN, "青山区", (2021,))
        pages[url(YUNHE, 2019)] = report("云河县", 2019, prose="供销社移交。")
        crawl(store, Site(readings=pages), now=DAY, portals=PORTALS)
        yield store


@pytest.mark.parametrize("query", ["复议", "2016", "行政复议", "行政复议 供销社", "没有这个词"])
@pytest.mark.parametrize(
    "filters",
    [{}, {"portal": YUNHE}, {"year": 2021}, {"from_on": date(2021, 1, 1)}, {"kind": "report"},
     {"kind": "other"}, {"agency": "云河"}, {"divisions": frozenset({"320999"})}],
)  # fmt: skip
def test_counts_are_those_of_the_hits(
    counties: Store, query: str, filters: dict[str, object]
) -> None:
    chosen = Filters(**filters)  # type: ignore[arg-type]
    with counties.read() as connection:
        hits = search(connection, query, chosen, limit=1_000).hits
        for options in ({}, {"prove": 100}, {"at_most": 100}, {"prove": 0}):
            counts = count_hits(connection, query, chosen, **options)
            assert counts.total == len(hits)
            assert counts.years == Counter(hit.report_year for hit in hits)
            assert counts.portals == Counter(hit.portal for hit in hits)
            assert counts.kinds == Counter(hit.kind for hit in hits)
            assert sum(counts.places.values()) == len(hits)


def test_places_are_provinces_and_within_a_place_prefectures(counties: Store) -> None:
    with counties.read() as connection:
        whole = count_hits(connection, "复议", Filters())
        within = count_hits(connection, "复议", Filters(divisions=frozenset({"320999"})))
    assert whole.places == {"32": 3, None: 1}
    assert within.places == {"3209": 3}


def test_of_too_many_the_newest_are_counted_and_the_rest_is_told(counties: Store) -> None:
    with counties.read() as connection:
        for query, prove in (("复议", 1), ("行政复议", 1), ("行政复议", 100)):
            counts = count_hits(connection, query, Filters(), prove=prove, at_most=2)
            assert (counts.total, counts.more) == (2, True)
            newest = search(connection, query, Filters(), limit=2).hits
            assert counts.years == Counter(hit.report_year for hit in newest)
            whole = count_hits(connection, query, Filters(), prove=prove, at_most=4)
            assert (whole.total, whole.more) == (4, False)


def test_what_is_counted_by_candidates_says_so(counties: Store) -> None:
    with counties.read() as connection:
        assert not count_hits(connection, "行政复议", Filters(), prove=1).exact
        assert count_hits(connection, "行政复议", Filters(), prove=4).exact
        assert count_hits(connection, "复议", Filters(), prove=1).exact
