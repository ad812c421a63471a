"""Tables, bodies side by side and the dictionary over the API: the numbers of the commands."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from archive.store import Store
from archive.work.codebook_rows import fill_codebook
from archive.work.query.series import ask, values_of
from tests.support import counted
from tests.support.counted import CHONGCHUAN, JIASHAN, RUDONG
from tests.web.conftest import served


@pytest.fixture(scope="module")
def asking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder: Path = tmp_path_factory.mktemp("figures")
    with Store.open(folder) as store:
        counted.fill(store)
        with served(store) as client:
            yield client


def rows(client: httpx.Client, **asked: object) -> list[dict[str, object]]:
    answer = client.get("/api/table", params=asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["rows"]
    return found


def test_which_counties_answered_fewer_requests(asking: httpx.Client) -> None:
    found = rows(asking, indicator="requests_answered", kind="government", level="county",
                 change="down", **{"from": 2022, "to": 2023})  # fmt: skip
    assert [(row["body"], row["first"], row["last"], row["change"]) for row in found] == [
        (CHONGCHUAN.name, 104, 82, -22), (JIASHAN.name, 60, 50, -10),
    ]  # fmt: skip


def test_governments_are_counted_where_no_kind_is_named_as_on_the_page(
    asking: httpx.Client,
) -> None:
    for kind, total in (({}, 173), ({"kind": "all"}, 179), ({"kind": "department"}, 6)):
        [sums] = rows(asking, indicator="requests_answered", by="year", **{"from": 2023}, **kind)
        assert sums["value"] == total
        page = asking.get("/indicator/requests_answered", params=kind).text
        assert f'data-is="Sum">{total}<' in page
    named = {"indicator": "requests_answered", "level": "township"}
    assert rows(asking, **named) == rows(asking, **named, kind="all")


def test_how_many_reviews_by_place_and_year(asking: httpx.Client) -> None:
    found = rows(asking, indicator="reviews", by="place", kind="all", **{"from": 2023})
    assert [(row["place"], row["value"], row["bodies"], row["lacking"]) for row in found] == [
        ("崇川区", 4, 1, 0), ("如东县", None, 0, 1), ("嘉善县", 9, 1, 1),
    ]  # fmt: skip


def test_numbers_of_bodies_come_page_by_page_each_once(asking: httpx.Client) -> None:
    asked: dict[str, object] = {"indicator": ["reviews", "litigation"], "limit": 2}
    whole = rows(asking, indicator=["reviews", "litigation"])
    found: list[dict[str, object]] = []
    for _ in range(len(whole)):
        answer = asking.get("/api/table", params=asked).json()
        found += answer["rows"]
        if answer["next"] is None:
            break
        asked["after"] = answer["next"]
    assert found == whole
    assert {row["indicator"] for row in whole} == {"reviews", "litigation"}
    assert all(row["url"] and row["captured_at"] for row in whole)


def test_sums_come_page_by_page(asking: httpx.Client) -> None:
    asked = {"indicator": "reviews", "by": "place", "limit": 3}
    first = asking.get("/api/table", params=asked).json()
    second = asking.get("/api/table", params={**asked, "after": first["next"]}).json()
    assert first["rows"] + second["rows"][:1] == rows(asking, indicator="reviews", by="place")[:4]


def test_a_table_as_csv(asking: httpx.Client) -> None:
    answer = asking.get("/api/table", params={"indicator": "reviews", "format": "csv"})
    head = answer.text.splitlines()[0].lstrip("\ufeff").split(",")
    assert head[:2] == ["body_id", "body"]
    assert answer.status_code == 200


def test_bodies_side_by_side(asking: httpx.Client) -> None:
    asked = {"body": ["崇川区", RUDONG.name], "indicator": "reviews", "from": 2022}
    answer = asking.get("/api/compare", params=asked).json()
    assert [each["name"] for each in answer["bodies"]] == [CHONGCHUAN.name, RUDONG.name]
    assert [(row["report_year"], row["value"], row["state"]) for row in answer["rows"]] == [
        (2022, 5, "given"), (2023, 4, "given"), (2022, 0, "given"), (2023, None, "no number"),
    ]  # fmt: skip


def test_the_dictionary(asking: httpx.Client) -> None:
    answer = asking.get("/api/indicators").json()
    assert {"reviews", "requests_received"} <= {each["concept"] for each in answer["concepts"]}
    assert len(answer["applicants"]) == 7
    assert answer["indicators"][0]["indicator"].startswith("f08.")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("/api/table", "indicator is missing"),
        ("/api/table?indicator=reveiws", "did you mean reviews"),
        ("/api/table?indicator=reviews&by=county", "by cannot be"),
        ("/api/table?indicator=reviews&change=down", "from one year to a later one"),
        ("/api/table?indicator=reviews&after=WzAsbnVsbCxudWxsLG51bGxd", "after is not a"),
        ("/api/table?indicator=reviews&applicant=natural", "leave --applicant out"),
        ("/api/table?" + "&".join(f"indicator=f14.review.{n}" for n in range(11)), "too many"),
        ("/api/compare", "body is missing"),
        ("/api/compare?body=嘉善", "嘉善县税务局"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_a_400(asking: httpx.Client, url: str, said: str) -> None:
    answer = asking.get(url)
    assert (answer.status_code, said in answer.text) == (400, True), answer.text


def test_an_empty_archive_answers_with_no_rows(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        fill_codebook(store)
        with served(store) as client:
            assert rows(client, indicator="reviews") == []
            assert rows(client, indicator="reviews", by="year") == []
        with store.read() as connection:
            assert list(values_of(connection, ask("reviews"))) == []


@pytest.mark.parametrize(
    "path",
    ["/api/table?indicator=reviews&from=2024&to=2020", "/api/compare?body=1&from=2024&to=2020",
     "/api/search?q=x&from=2025&to=2020", "/api/changes?since=2025&until=2020"],
)  # fmt: skip
def test_bounds_the_wrong_way_round_are_refused(asking: httpx.Client, path: str) -> None:
    answer = asking.get(path)
    assert answer.status_code == 400
    assert "is after" in answer.text


def test_coverage_of_an_unknown_portal_is_refused_with_what_comes_near(
    asking: httpx.Client,
) -> None:
    answer = asking.get("/api/coverage?portal=p32061")
    assert answer.status_code in {400, 404}
    assert "p320613" in answer.text
    assert asking.get("/api/coverage?portal=p320613").status_code == 200
