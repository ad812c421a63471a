"""Counts are those of a scan, however they are found."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

import pytest

from archive.search import candidates, counts
from archive.search.counts import count_hits, counts_of
from archive.search.index import open_indexed
from archive.search.proof import Proof
from archive.search.query import Filters, answer_of, proof_of, search
from archive.store import Store
from archive.store.types import NamedRow
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
        for prove, most in ((None, None), (100, None), (None, 100), (0, None)):
            found = count_hits(connection, query, chosen, prove=prove, at_most=most)
            assert found.total == len(hits)
            assert found.years == Counter(hit.report_year for hit in hits)
            assert found.portals == Counter(hit.portal for hit in hits)
            assert found.kinds == Counter(hit.kind for hit in hits)
            assert sum(found.places.values()) == len(hits)


def test_places_are_provinces_and_within_a_place_prefectures(counties: Store) -> None:
    with counties.read() as connection:
        whole = count_hits(connection, "复议", Filters())
        within = count_hits(connection, "复议", Filters(divisions=frozenset({"320999"})))
    assert whole.places == {"32": 3, None: 1}
    assert within.places == {"3209": 3}


def test_of_too_many_the_newest_are_counted_and_the_rest_is_told(counties: Store) -> None:
    with counties.read() as connection:
        for query, prove in (("复议", 1), ("行政复议", 1), ("行政复议", 100)):
            some = count_hits(connection, query, Filters(), prove=prove, at_most=2)
            assert (some.total, some.more) == (2, True)
            newest = search(connection, query, Filters(), limit=2).hits
            assert some.years == Counter(hit.report_year for hit in newest)
            whole = count_hits(connection, query, Filters(), prove=prove, at_most=4)
            assert (whole.total, whole.more) == (4, False)


def test_what_is_counted_by_candidates_says_so(counties: Store) -> None:
    with counties.read() as connection:
        assert not count_hits(connection, "行政复议", Filters(), prove=1).exact
        assert count_hits(connection, "行政复议", Filters(), prove=4).exact
        assert count_hits(connection, "复议", Filters(), prove=1).exact


@pytest.mark.parametrize("filters", [{}, {"year": 2021}])
def test_counts_behind_a_search_are_those_without_and_read_no_text_twice(
    counties: Store, filters: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    read, proved = list[int](), Proof.proved

    def noted(self: Proof, ids: Sequence[int]) -> Iterator[NamedRow]:
        read.extend(ids)
        return proved(self, ids)

    chosen = Filters(**filters)  # type: ignore[arg-type]
    with counties.read() as connection:
        alone = count_hits(connection, "行政复议", chosen)
        hits = search(connection, "行政复议", chosen, limit=3).hits
        monkeypatch.setattr(Proof, "proved", noted)
        proof = proof_of(connection, "行政复议", chosen, history=False)
        assert answer_of(proof, limit=3).hits == hits
        assert counts_of(proof, prove=None, at_most=None) == alone
    assert len(read) == len(set(read)) == alone.total


@pytest.mark.parametrize(("at_once", "further"), [(1, 1), (1, 2), (2, 100)])
def test_what_the_index_gives_in_several_portions_is_all_found_and_counted(
    counties: Store, at_once: int, further: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with counties.read() as connection:
        hits = search(connection, "复议", Filters(), limit=9).hits
        whole = count_hits(connection, "复议", Filters())
        monkeypatch.setattr(candidates, "WALKED", 1)
        monkeypatch.setattr(candidates, "_AT_ONCE", at_once)
        monkeypatch.setattr(candidates, "_FURTHER", further)
        monkeypatch.setattr(counts, "_FURTHER", 1)
        proof = proof_of(connection, "复议", Filters(), history=False)
        for most in (1, 2, 3):
            shown = counts_of(proof, prove=None, at_most=most)
            assert (shown.total, shown.more) == (most, True)
        first = answer_of(proof, limit=2)
        assert first.hits == hits[:2]
        assert answer_of(proof, limit=9, after=first.next).hits == hits[2:]
        assert answer_of(proof, limit=9).hits == hits
        assert counts_of(proof, prove=None, at_most=None) == whole
