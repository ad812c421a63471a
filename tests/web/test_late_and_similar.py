"""The pages that say who published late and who copied: the rows of the API, each with its report."""

from collections.abc import Iterator
from dataclasses import replace

import feedparser
import httpx
import pytest
from lxml import html

from archive.model.reading import Field, Reading
from archive.search.index import open_indexed
from archive.store.query.indexed_captures import pages_at
from archive.store.write.withdrawals import withdraw
from archive.work.ingest.covering import cover
from tests.store.making import NOW
from tests.support import copied
from tests.support.copied import NAMES, url
from tests.support.engines import ENGINES, ledger_on
from tests.support.transactions import commit, fetch
from tests.web.conftest import served
from tests.web.test_pages import parsed, words

FINANCE, EDUCATION, OTHER = NAMES
# Departments: due on 31 January. OTHER prints no day of 2023.
DAYS = {
    (FINANCE, 2022): "2023-01-31", (FINANCE, 2023): "2024-02-10", (EDUCATION, 2022): "2023-05-01",
    (EDUCATION, 2023): "2024-01-02", (OTHER, 2022): "2023-02-01",
}  # fmt: skip


def dated(reading: Reading, day: str) -> Reading:
    field = Field(name="published_on", value=day, printed=day, origin="header:发布日期")
    return replace(reading, fields=(field,))


@pytest.fixture(scope="module", params=ENGINES)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    readings = copied.readings()
    for (name, year), day in DAYS.items():
        readings[url(name, year)] = dated(readings[url(name, year)], day)
    with (
        ledger_on(request.param, tmp_path_factory.mktemp("late")) as place,
        open_indexed(place) as store,
    ):
        copied.visit(store, readings)
        cover(store, [], now=NOW)
        with served(store) as asking:
            yield asking


def rows(answer: httpx.Response) -> list[list[str]]:
    found = html.fromstring(parsed(answer)).xpath("//main//tbody/tr")
    return [[cell.text_content().strip() for cell in row] for row in found]


def links(answer: httpx.Response) -> list[str]:
    return html.fromstring(parsed(answer)).xpath("//main//a/@href")


def test_late_reports_stand_with_their_days_the_worst_first(client: httpx.Client) -> None:
    answer = client.get("/late")
    told = client.get("/api/late").json()["rows"]
    assert [(row[0], row[1], row[3]) for row in rows(answer)] == [
        ("90", EDUCATION, "2022"), ("10", FINANCE, "2023"), ("1", OTHER, "2022"),
    ]  # fmt: skip
    assert [str(row["days_late"]) for row in told] == [row[0] for row in rows(answer)]
    cited = [f"/page?{httpx.QueryParams({'url': row['url'], 'version': 1})}" for row in told]
    assert [link for link in links(answer) if link in cited] == cited
    assert "江苏省南通市崇川区" in words(answer)


def test_what_became_of_all_reports_is_counted(client: httpx.Client) -> None:
    page = html.fromstring(client.get("/late").text)
    found = [int(each) for each in page.xpath("//dl[contains(@class, 'totals')]//dd/text()")]
    told = client.get("/api/late").json()
    assert found == [told["late"], told["in_time"], told["undated"]] == [3, 2, 1]


@pytest.mark.parametrize("by", ["body", "province", "year"])
def test_lateness_is_counted_as_by_the_api(client: httpx.Client, by: str) -> None:
    told = client.get("/api/late/counts", params={"by": by}).json()["rows"]
    shown = rows(client.get("/late/counts", params={"by": by}))
    at = 2 if by == "body" else 1
    assert [int(row[at]) for row in shown] == [row["late"] for row in told]
    assert sum(row["late"] for row in told) == 3


def test_reports_without_a_day_have_a_page_and_a_cursor(client: httpx.Client) -> None:
    told = client.get("/api/late/undated").json()
    assert [(row["body"], row["year"]) for row in told["rows"]] == [(OTHER, 2023)]
    assert told["next"] is None
    assert [row[0] for row in rows(client.get("/late/undated"))] == [OTHER]


@pytest.mark.parametrize(
    ("asked", "count"),
    [("min_days=11", 1), ("min_days=91", 0), ("year=2022", 2), ("division=320613", 3),
     ("division=徐州市", 0), ("year=2022&min_days=2", 1)],
)  # fmt: skip
def test_late_reports_are_narrowed(client: httpx.Client, asked: str, count: int) -> None:
    answer = client.get(f"/late?{asked}")
    assert answer.status_code == 200
    assert len(rows(answer)) == count
    assert len(client.get(f"/api/late?{asked}").json()["rows"]) == count


def test_late_reports_go_on_by_cursor(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.web.late_page.ON_A_PAGE", 1)
    seen, path = [], "/late"
    for _ in range(3):
        answer = client.get(path)
        seen += rows(answer)
        path = next((link for link in links(answer) if "after=" in link), "")
    assert [row[0] for row in seen] == ["90", "10", "1"]
    assert path == ""


def test_pairs_stand_with_both_reports_and_what_they_share(client: httpx.Client) -> None:
    answer = client.get("/similar", params={"min": 80})
    told = client.get("/api/similar", params={"min": 80}).json()["pairs"]
    assert len(rows(answer)) == len(told) == 3
    assert rows(answer)[0][0] == "100 %"
    pair = told[0]
    shared = (
        f"/similar/passages?{httpx.QueryParams({'url': pair['url'], 'other': pair['other_url']})}"
    )
    assert shared in links(answer)
    page = words(client.get(shared))
    passages = client.get(f"/api{shared}").json()["passages"]
    assert passages
    assert all(each[:60] in page for each in passages)


def entries(client: httpx.Client, path: str, **asked: object) -> list[feedparser.FeedParserDict]:
    answer = client.get(path, params=asked)  # type: ignore[arg-type]
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    found = feedparser.parse(answer.content)
    assert not found.bozo
    return list(found.entries)


def test_late_reports_are_a_feed_what_was_captured_last_first(client: httpx.Client) -> None:
    told = client.get("/api/late").json()["rows"]
    found = entries(client, "/late.atom")
    assert {each.links[1].href for each in found} == {row["url"] for row in told}
    assert [each.updated for each in found] == sorted(
        (each.updated for each in found), reverse=True
    )
    assert f"{EDUCATION} 2022: 90 days late" in [each.title for each in found]
    assert len({each.id for each in found}) == 3
    assert len(entries(client, "/late.atom", min_days=90)) == 1
    assert 'href="/late.atom?min_days=90"' in parsed(client.get("/late?min_days=90"))


def test_similar_reports_are_a_feed_what_was_captured_last_first(client: httpx.Client) -> None:
    told = client.get("/api/similar", params={"min": 80}).json()["pairs"]
    found = entries(client, "/similar.atom", min=80)
    pairs = {(each.links[1].href, each.links[2].href) for each in found}
    assert pairs == {(pair["url"], pair["other_url"]) for pair in told}
    assert [each.updated for each in found] == sorted(
        (each.updated for each in found), reverse=True
    )
    assert all(client.get(each.links[0].href).status_code == 200 for each in found)
    assert len(entries(client, "/similar.atom", scope="within")) == 1
    assert 'href="/similar.atom?min=80"' in parsed(client.get("/similar?min=80"))


@pytest.mark.parametrize(
    ("asked", "count"),
    [("", 1), ("scope=within", 1), ("scope=across", 0), ("scope=across&min=80", 2),
     (f"body={EDUCATION}&min=80", 2), ("year=2022&min=80", 1), (f"url={url(FINANCE, 2022)}&min=80", 2)],
)  # fmt: skip
def test_pairs_are_narrowed(client: httpx.Client, asked: str, count: int) -> None:
    assert len(rows(client.get(f"/similar?{asked}"))) == count


def test_a_report_that_is_compared_with_none_says_why(client: httpx.Client) -> None:
    assert "too few to compare" in words(client.get(f"/similar?url={url(OTHER, 2022)}"))


@pytest.mark.parametrize(
    ("path", "status", "near"),
    [
        ("/late?year=1800", 400, "whole number"), ("/late?division=无此地", 400, "no division"),
        ("/late?min_days=0", 400, "min_days"), ("/late/counts?by=county", 400, "it takes body"),
        ("/similar?body=云河县财务局", 400, f"did you mean '320613 {FINANCE}"), ("/similar?min=50", 400, "80 to 100"),
        ("/similar?body=财政局", 400, "财政局 is the name of 2 public bodies"), ("/similar?url=nowhere", 400, "no page has"), ("/similar/passages?url=x", 400, "other is missing"),
        (f"/similar/passages?url={url(OTHER, 2022)}&other=nowhere", 404, "no page has"),
        ("/late?after=zzz", 400, "next"), ("/similar?after=zzz", 400, "next"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told(
    client: httpx.Client, path: str, status: int, near: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert near in words(answer)


@pytest.mark.parametrize(
    "path", ["/late", "/late/undated", "/late/counts", "/late/counts?by=body", "/similar"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_archive_says_so(empty: httpx.Client, path: str, language: str) -> None:
    answer = empty.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert not rows(answer)
    assert ("No " in words(answer)) is (language == "en")


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with open_indexed(tmp_path_factory.mktemp("empty")) as store, served(store) as asking:
        yield asking


def test_what_is_withdrawn_is_compared_with_nothing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Neither as a pair nor by its URL."""
    with copied.copied(tmp_path_factory.mktemp("withdrawn")) as store:
        [page] = fetch(store, pages_at, [url(FINANCE, 2022)])
        commit(store, withdraw, page.page_id, 1, reason="a name", by="li", at=NOW)
        with served(store) as asking:
            asked = {"url": url(FINANCE, 2022), "other": url(EDUCATION, 2022)}
            for path in ("/similar/passages", "/api/similar/passages"):
                assert asking.get(path, params=asked).status_code == 451
            assert url(FINANCE, 2022) not in asking.get("/similar?min=80").text
