"""withdraw as users run it, and what no longer shows."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from archive.cli.withdraw import MAX_REASON
from archive.search.index import open_indexed
from tests.support.invented import QINGSHAN, YUNHE, fill, url
from tests.support.invented_home import Run
from tests.web.conftest import served

CHANGED = url(YUNHE, 2021)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill(tmp_path).close()
    return tmp_path


def rows(run: Run, table: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in run("export", table, "-o", "-").stdout.splitlines()]


@pytest.fixture
def client(home: Path) -> Iterator[httpx.Client]:
    with open_indexed(home) as store, served(store) as asking:
        yield asking


def test_a_page_goes_out_of_view_and_comes_back(gongkai: Run, client: httpx.Client) -> None:
    def found() -> int:
        return len(json.loads(gongkai("search", "云河县", "--year", "2021", "--json").stdout))

    seen = found()
    told = gongkai("withdraw", CHANGED, "--reason", "it names\nan applicant", "--by", "li")
    assert (told.returncode, told.stdout.decode()) == (
        0, f"{CHANGED} is withdrawn from public view\n"
    )  # fmt: skip
    for path in ("/page", "/diff", "/api/page", "/api/history", "/api/diff"):
        answer = client.get(path, params={"url": CHANGED})
        assert answer.status_code == 451
        assert "withdrawn from public view: it names an applicant" in answer.text
    assert CHANGED not in client.get("/reports", params={"portal": YUNHE}).text
    assert found() == seen - 1
    assert gongkai("show", CHANGED).returncode == 0  # the archivist's own terminal
    [listed] = json.loads(gongkai("withdraw", "--json").stdout)
    assert (listed["url"], listed["withdrawn_by"]) == (CHANGED, "li")
    assert gongkai("verify").returncode in (0, 1)

    back = gongkai("withdraw", CHANGED, "--undo", "--by", "wu")
    assert back.stdout.decode() == f"{CHANGED} is in public view again\n"
    assert client.get("/page", params={"url": CHANGED}).status_code == 200
    assert found() == seen
    [logged] = rows(gongkai, "withdrawals")
    assert (logged["withdrawn_by"], logged["restored_by"]) == ("li", "wu")


def test_one_version_goes_and_the_other_stays(gongkai: Run, client: httpx.Client) -> None:
    title = client.get("/api/page", params={"url": CHANGED, "version": 1}).json()["title"]
    assert gongkai("withdraw", CHANGED, "--version", "1", "--reason", "a name").returncode == 0
    assert client.get("/page", params={"url": CHANGED, "version": 1}).status_code == 451
    shown = client.get("/page", params={"url": CHANGED})
    assert (shown.status_code, "withdrawn</span>" in shown.text) == (200, True)
    events = client.get("/api/history", params={"url": CHANGED}).json()["events"]
    assert [e["detail"] for e in events if e["event"] == "version"] == ["(withdrawn)", title]
    assert client.get("/diff", params={"url": CHANGED}).status_code == 451


def test_exports_keep_row_and_figures_without_the_words(gongkai: Run) -> None:
    before = {table: rows(gongkai, table) for table in ("documents", "versions", "figures")}
    gongkai("withdraw", CHANGED, "--version", "2", "--reason", "a name")
    after = {table: rows(gongkai, table) for table in before}
    assert after["figures"] == before["figures"]
    [document] = [row for row in after["documents"] if row["url"] == CHANGED]
    assert [document[name] for name in ("title", "text", "fields", "agency")] == [None] * 4
    assert document["report_year"] == 2021
    texts = {row["version"]: row["text"] for row in after["versions"] if row["url"] == CHANGED}
    assert texts[2] is None
    assert texts[1]
    others = [
        [row for row in each["documents"] if row["url"] != CHANGED] for each in (before, after)
    ]
    assert others[0] == others[1]
    shown = {
        (row["what"], row["old"], row["new"])
        for row in rows(gongkai, "changes")
        if row["url"] == CHANGED
    }
    assert shown == {("figure", "61", None), ("text", None, None)}
    assert all(row["evidence"] is None for row in rows(gongkai, "findings")
               if (row["url"], row["version"]) == (CHANGED, 2))  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([CHANGED], "needs its reason"),
        ([CHANGED, "--reason", " \n"], "needs its reason"),
        ([CHANGED, "--reason", "a" * (MAX_REASON + 1)], "longer than 1,000"),
        ([CHANGED, "--version", "9", "--reason", "a"], "versions 1 to 2"),
        (["http://none.example/", "--reason", "a"], "no page has the URL"),
        ([CHANGED, "--undo"], "not withdrawn"),
        (["--reason", "a"], "which page"),
        (["--undo"], "which page"),
    ],
)
def test_wrong_usage_is_one_line_and_2(gongkai: Run, arguments: list[str], message: str) -> None:
    told = gongkai("withdraw", *arguments)
    assert (told.returncode, told.stderr.decode().count("\n")) == (2, 1)
    assert message in told.stderr.decode()


def test_who_is_the_contact_where_nobody_is_named(gongkai: Run) -> None:
    gongkai("withdraw", url(QINGSHAN, 2022), "--reason", "a", GONGKAI_CONTACT="mailto:a@b.cn")
    [listed] = json.loads(gongkai("withdraw", "--json").stdout)
    assert listed["withdrawn_by"] == "mailto:a@b.cn"
    assert b"1 withdrawal from public view" in gongkai("withdraw").stdout
