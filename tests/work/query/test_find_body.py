"""Which body is meant by what was typed: the same of every command and page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from archive.model.errors import NotFoundError, UsageError
from archive.search.index import open_indexed
from archive.search.query import Filters, search
from archive.store import Store
from archive.work.codebook_rows import fill_codebook
from archive.work.query.changes import Wanted, find_changes
from archive.work.query.find_body import body_named
from archive.work.query.hits import agency_names
from archive.work.query.places import distinct_names
from archive.work.query.side_by_side import side_by_side
from archive.work.query.similarity import WantedPairs, find_similar
from tests.support.counted import RUDONG, TAX, fill, government
from tests.web.conftest import served

GULOU = "鼓楼区人民政府"
PLACES = ("320106", "320302", "350102", "410204")
_NAMESAKES = {(government(GULOU, code), 2023): {"f21.s4.review.total": "1"} for code in PLACES}
_OTHERS = {(RUDONG, 2023): {"f21.s4.review.total": "2"}, (TAX, 2023): {"f21.s4.review.total": "2"}}

Asks: TypeAlias = Callable[[Store, str], object]
ASKED: tuple[Asks, ...] = (
    lambda store, given: find_changes(store, Wanted(body=given), limit=1, public=True),
    lambda store, given: find_similar(store, WantedPairs(body=given), limit=1, public=True),
    lambda store, given: side_by_side(store, [given], ["reviews"]),
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home: Path = tmp_path_factory.mktemp("namesakes")
    with open_indexed(home) as opened:
        fill_codebook(opened)
        fill(opened, _NAMESAKES | _OTHERS)
        yield opened


@pytest.mark.parametrize("ask", ASKED, ids=("changes", "similar", "compare"))
def test_a_name_of_several_is_refused_and_its_spellings_are_taken(store: Store, ask: Asks) -> None:
    with pytest.raises(UsageError, match="is the name of 4 public bodies") as refused:
        ask(store, GULOU)
    for code in PLACES:
        assert f"'{code} {GULOU}'" in str(refused.value)
        ask(store, f"{code} {GULOU}")
    ask(store, "南京市 鼓楼区")


@pytest.mark.parametrize(
    ("given", "name", "division"),
    [
        ("南京市 鼓楼区", GULOU, "320106"), ("如东县", RUDONG.name, "320623"),
        ("税务局", TAX.name, "330421"), ("嘉善县 税务", TAX.name, "330421"),
    ],
)  # fmt: skip
def test_a_body_is_meant(store: Store, given: str, name: str, division: str) -> None:
    body = body_named(store, given)
    assert (body.name, body.division) == (name, division)
    assert body_named(store, str(body.body_id)) == body


def test_an_unknown_name_names_near_ones(store: Store) -> None:
    with pytest.raises(NotFoundError, match=f"did you mean '320623 {RUDONG.name}'"):
        body_named(store, "如东县人民政務")


@pytest.mark.parametrize("path", ["/changes", "/similar", "/api/changes", "/api/similar"])
def test_pages_and_api_refuse_it_alike(store: Store, path: str) -> None:
    with served(store) as client:
        answer = client.get(path, params={"body": GULOU}, headers={"Accept-Language": "en"})
        assert (answer.status_code, f"320106 {GULOU}" in answer.text) == (400, True)
        given = {"body": f"320106 {GULOU}"}
        assert client.get(path, params=given).status_code == 200


def test_a_namesake_has_its_place_though_it_stands_alone(store: Store) -> None:
    one, other = body_named(store, f"320106 {GULOU}"), body_named(store, RUDONG.name)
    with store.read() as connection:
        names = distinct_names(
            connection, [(each.body_id, each.name, each.division) for each in (one, other)]
        )
        hits = search(connection, "人民政府2023", Filters(), limit=9).hits
        agencies = agency_names(connection, hits)
    assert list(names.values()) == [f"南京市{GULOU}", RUDONG.name]
    above = ("南京市", "徐州市", "福州市", "开封市")
    assert (len(hits), {*agencies.values()}) == (5, {f"{each}{GULOU}" for each in above})
    with served(store) as client:
        page = client.get("/search", params={"q": "人民政府2023"}).text
    assert all(f"{each}{GULOU}</span>" in page for each in above)
