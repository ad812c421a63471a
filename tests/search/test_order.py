"""Hits in three orders, cut into pages anywhere: none is lost, none comes twice."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from archive.model.reading import Field
from archive.search import order
from archive.search.index import open_indexed
from archive.search.proof import Proof
from archive.search.query import SORTS, Answer, Filters, search
from archive.store import Store
from archive.store.types import NamedRow
from tests.search.conftest import NOW, PORTAL, Shelf, reading
from tests.support.invented import Link, Role, Site, crawl

DATES = ("2020-03-01", None, "2021-01-31", "2019-05-05", "2021-01-31", None, "2018", "2020-03-02")


def dated(title: str, text: str, date: str | None, name: str = "published_on") -> object:
    field = Field(name=name, value=date, printed=date or "", origin="x")
    return replace(reading(title, text), fields=(field,))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_indexed(tmp_path_factory.mktemp("order")) as opened:
        fill(opened)
        yield opened


def fill(store: Store) -> None:
    names = ("published_on", "written_on")
    pages = {
        f"http://x.example/{number}.htm": dated(
            "行政复议年报" if number == 3 else "年报", "行政复议。" * (number + 1), date,
            names[number % 2],
        )
        for number, date in enumerate(DATES)
    }  # fmt: skip
    links = tuple(Link(url=each, text="", role=Role.PAGE) for each in pages)
    entry = replace(reading("目录", "列表页"), links=links)
    crawl(store, Site(readings={PORTAL.entries[0]: entry, **pages}), now=NOW, portals=(PORTAL,))


def ask(store: Store, **options: object) -> Answer:
    with store.read() as connection:
        return search(connection, "行政复议", Filters(), **options)  # type: ignore[arg-type]


def urls(answer: Answer) -> list[str]:
    return [hit.url for hit in answer.hits]


def paged(store: Store, sort: str, limit: int) -> list[str]:
    found, after = [], None
    while True:
        answer = ask(store, sort=sort, limit=limit, after=after)
        found += urls(answer)
        after = answer.next
        assert answer.more is (after is not None)
        if after is None:
            return found


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3])
@pytest.mark.parametrize("how", ["few", "many"])
def test_pages_of_hits_make_the_whole(
    store: Store, sort: str, limit: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "many":
        monkeypatch.setattr(order, "_DATED", 2)
        monkeypatch.setattr(order, "_BATCH", 2)
        monkeypatch.setattr(order, "_PORTION", 2)  # of PostgreSQL
        monkeypatch.setattr(order, "WINDOW", 5)
        monkeypatch.setattr(order, "_READ", 2)
    whole = urls(ask(store, sort=sort, limit=100))
    assert len(whole) == len(set(whole)) == len(DATES)
    assert paged(store, sort, limit) == whole


def test_published_goes_by_date_and_what_has_none_comes_last(store: Store) -> None:
    numbers = [int(url[-5]) for url in urls(ask(store, sort="published", limit=100))]
    dates = [DATES[number] for number in numbers]
    assert dates == [*sorted((each for each in DATES if each), reverse=True), None, None]


def test_walking_the_dates_gives_the_same_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = urls(ask(store, sort="published", limit=100))
    monkeypatch.setattr(order, "_DATED", 2)
    assert urls(ask(store, sort="published", limit=100)) == whole


def test_where_filters_leave_few_no_day_is_walked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = urls(ask(store, sort="published", limit=100))
    monkeypatch.setattr(order, "_DATED", 2)
    monkeypatch.setattr(order, "_walked", None)
    with store.read() as connection:
        answer = search(
            connection, "行政复议", Filters(kind="article"), limit=100, sort="published"
        )
    assert urls(answer) == whole


def test_relevance_puts_titles_first_then_those_that_say_it_most_often(store: Store) -> None:
    numbers = [int(url[-5]) for url in urls(ask(store, sort="relevance", limit=100))]
    assert numbers == [3, 7, 6, 5, 4, 2, 1, 0]


def test_relevance_reads_the_texts_of_what_it_shows_and_no_others(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, proved = list[int](), Proof.proved

    def noted(self: Proof, ids: Sequence[int]) -> Iterator[NamedRow]:
        read.extend(ids)
        return proved(self, ids)

    monkeypatch.setattr(order, "_READ", 2)
    monkeypatch.setattr(Proof, "proved", noted)
    answer = ask(store, sort="relevance", limit=2)
    assert [int(url[-5]) for url in urls(answer)] == [3, 7]
    assert len(read) == 4  # two that are shown, and two for the next one
    assert len(set(read)) == 4


def test_history_finds_superseded_versions_and_says_so(shelf: Shelf) -> None:
    shelf.put([("年报", "行政复议三件"), ("通知", "行政复议")])
    shelf.put([("年报", "没有了"), ("通知", "行政复议")], now=NOW + timedelta(days=1))
    assert [hit.superseded for hit in ask(shelf.store, limit=9).hits] == [False]
    for sort in SORTS:
        hits = ask(shelf.store, limit=9, history=True, sort=sort).hits
        assert {(hit.version, hit.superseded) for hit in hits} == {(1, True), (1, False)}
