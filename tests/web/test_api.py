"""The JSON API: the same answers, in bounds."""

from urllib.parse import quote

import httpx
import pytest

from tests.support.invented import QINGSHAN, YUNHE, url

CHANGED = url(YUNHE, 2021)


def test_search_gives_hits(client: httpx.Client) -> None:
    answer = client.get("/api/search", params={"q": "局2016", "portal": YUNHE, "limit": 2})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    found = answer.json()
    assert [len(found["hits"]), found["more"], found["approximate"]] == [2, True, False]
    assert found["hits"][0]["url"] == CHANGED
    rest = client.get("/api/search", params={"q": "局2016", "portal": YUNHE, "offset": 2}).json()
    assert not {hit["url"] for hit in rest["hits"]} & {hit["url"] for hit in found["hits"]}


def test_a_page_has_text_fields_figures_and_findings(client: httpx.Client) -> None:
    page = client.get("/api/page", params={"url": CHANGED}).json()
    assert page["fields"]["agency"]["origin"] == "header:发布机构"
    assert {"url", "text", "figures", "findings", "version", "captured_at"} <= set(page)
    assert client.get("/api/page", params={"url": CHANGED, "version": 1}).json()["version"] == 1


def test_history_has_events_and_captures_with_their_place(client: httpx.Client) -> None:
    story = client.get("/api/history", params={"url": CHANGED}).json()
    assert [event["event"] for event in story["events"]] == ["version", "outcome"] * 2
    assert story["captures"][0]["warc_file"] == "test.warc.gz"
    assert story["captures"][0]["replay"].endswith(CHANGED)


def test_diff_has_lines_figures_and_fields(client: httpx.Client) -> None:
    found = client.get("/api/diff", params={"url": CHANGED}).json()
    assert found["figures"][0]["difference"] == 2
    assert {line["change"] for line in found["lines"]} == {"changed"}


def test_a_citation_names_version_hash_and_snapshot(client: httpx.Client) -> None:
    cited = client.get("/api/cite", params={"url": CHANGED, "version": 1}).json()
    assert cited["captured_at"] == "2026-03-02T01:30:00.000000Z"
    assert cited["snapshot"].endswith(f"/20260302013000/{CHANGED}")
    assert cited["bibtex"].startswith("@misc{gongkai-")


def test_reports_runs_and_status_are_lists_of_records(client: httpx.Client) -> None:
    reports = client.get("/api/reports", params={"portal": QINGSHAN}).json()
    assert [row["report_year"] for row in reports["reports"]] == [2023, 2022]
    assert [run["verdict"] for run in client.get("/api/runs").json()["runs"]] == ["bad", "good"]
    assert client.get("/api/status").json()["silent"][0]["portal"] == QINGSHAN


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/search", 400), ("/api/search?q=x", 400), ("/api/search?q=复议&limit=201", 400),
        ("/api/search?q=复议&offset=1001", 400), ("/api/page", 400), ("/api/page?url=zzz", 404),
        (f"/api/diff?url={CHANGED}&new=9", 400), ("/api/nothing", 404),
        ("/api/search?q=复议&portal=yunho", 400), ("/api/search?q=复议&agncy=x", 400),
        ("/api/search?q=复议&agency=没有", 400), ("/api/search?q=复议%00", 400),
        ("/api/search?q=复议&division=无此地", 400), ("/api/reports?portal=nobody", 400),
        ("/api/page?url=%00", 400), ("/api/page?url=http://x／y/", 404),
        ("/api/page?url=http://a℀b/", 404), ("/api/history?url=http://[::1", 404),
        ("/api/status?x=1", 400),
    ],
)  # fmt: skip
def test_errors_are_json_with_a_sentence(client: httpx.Client, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/api/search?q=复议&portal=yunho", "did you mean yunhe?"),
        ("/api/search?q=复议&agncy=x", "did you mean agency"),
        ("/api/runs?x=1", "it takes offset"),
    ],
)
def test_an_error_suggests_what_may_be_meant(client: httpx.Client, path: str, hint: str) -> None:
    assert hint in client.get(path).json()["error"]


def test_every_url_of_the_api_is_documented(client: httpx.Client) -> None:
    told = client.get("/api").text
    for name in ("search", "page", "history", "diff", "reports", "runs", "status"):
        assert f"/api/{name}" in told


def test_the_examples_of_the_documentation_work(client: httpx.Client) -> None:
    for path in (f"/api/search?q={quote('复议')}", "/api/reports", "/api/runs", "/api/status"):
        assert path in client.get("/api").text
        assert client.get(path).status_code == 200
