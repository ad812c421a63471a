"""The pages of bodies, places and numbers: the numbers of the functions behind them, each with its
report, whatever is asked.
"""

import re
from html import unescape
from pathlib import Path

import httpx
import pytest
from lxml import html

from archive.cli import main
from archive.codebook.indicators import concepts
from archive.model.coverage import State
from archive.search.index import open_indexed
from archive.store import Store
from archive.web.coverage_page import Count
from archive.work.ingest.covering import cover
from archive.work.query.bodies import find_bodies
from tests.store.making import NOW
from tests.support import counted
from tests.support.counted import CHONGCHUAN, JIASHAN, RUDONG, TAX, government, url_of
from tests.web.conftest import LOST, served
from tests.web.test_pages import parsed, words


def id_of(store: Store, name: str) -> int:
    return find_bodies(store, name).bodies[0].body_id


def links(answer: httpx.Response) -> list[str]:
    return html.fromstring(parsed(answer)).xpath("//main//a/@href")


def report(body: object, year: int) -> str:
    url = httpx.QueryParams({"url": url_of(body, year), "version": 1})  # type: ignore[arg-type]
    return f"/page?{url}"


def test_a_body_shows_its_years_and_numbers_each_with_its_report(
    asking: httpx.Client, counted_store: Store
) -> None:
    answer = asking.get(f"/body/{id_of(counted_store, CHONGCHUAN.name)}")
    said = words(answer)
    assert "江苏省南通市崇川区" in said.replace("›", "").replace("\n", "").replace(" ", "")
    assert "Requests received" in said
    assert "139" in said
    drawn = html.fromstring(answer.text).xpath("//*[local-name()='svg']")
    assert len(drawn) >= 4
    assert all(each.xpath("./*[local-name()='title']") for each in drawn)
    assert report(CHONGCHUAN, 2018) in links(answer)


def test_numbers_of_a_body_are_those_of_compare_and_of_the_ranking(
    asking: httpx.Client, counted_store: Store
) -> None:
    body_id = id_of(counted_store, JIASHAN.name)
    compared = asking.get("/compare", params={"body": body_id, "indicator": "reviews"})
    ranked = asking.get("/indicator/reviews?year=2023")
    for answer in (compared, ranked):
        cited = {each.get("href"): each for each in html.fromstring(answer.text).xpath("//main//a")}
        assert report(JIASHAN, 2023) in cited
    assert re.search(r">9</td>", ranked.text)
    assert re.search(r">9</a>", compared.text)


def test_every_cell_of_a_body_says_what_it_has_none_of(
    asking: httpx.Client, counted_store: Store
) -> None:
    page = html.fromstring(asking.get(f"/body/{id_of(counted_store, CHONGCHUAN.name)}").text)
    cells = [each.text_content() for each in page.xpath("//table[@class='matrix']//td")]
    assert {"no report", "absent", "no number"} <= {*cells}
    assert "" not in cells


@pytest.mark.parametrize(("path", "page"), [
    ("/indicator/zzzzqq", "see /indicators"), ("/api/indicator/zzzzqq", ""),
    ("/reports?portal=zzzzqq", "see /reports"), ("/run/99", "see /runs"),
    ("/changes?since=99", "see /runs"), ("/changes?body=zzzzqq", "see /bodies"),
    ("/search?q=复议&portal=zzzzqq", "see /reports"), ("/similar?body=zzzzqq", "see /bodies"),
    ("/api/changes?body=zzzzqq", "see /bodies"),
])  # fmt: skip
def test_errors_name_pages_and_no_commands(asking: httpx.Client, path: str, page: str) -> None:
    answer = asking.get(path)
    assert answer.status_code in {400, 404}
    assert page in answer.text
    assert "gongkai " not in answer.text.partition("<main")[2]
    assert "`" not in answer.text


def test_there_is_an_icon(asking: httpx.Client) -> None:
    answer = asking.get("/favicon.ico")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/svg+xml"


def test_near_names_are_promised_only_where_there_are_some(asking: httpx.Client) -> None:
    said = words(asking.get("/bodies?q=不存在"))
    assert said.count("No body has") == 1
    assert "come near" not in said


def test_the_table_of_compared_namesakes_heads_each_with_its_place(tmp_path: Path) -> None:
    drum = [government("鼓楼区人民政府", code) for code in ("320106", "320302")]
    with open_indexed(tmp_path) as store:
        counted.fill(store, {(body, 2022): {"f21.s4.review.total": "1"} for body in drum})
        with served(store) as client:
            page = parsed(client.get("/compare?body=1&body=2&indicator=reviews"))
    heads = html.fromstring(page).xpath("//th[@scope='col'][@lang]/text()")
    assert {*heads} == {"南京市鼓楼区人民政府", "徐州市鼓楼区人民政府"}


def test_an_indicator_tells_absent_from_zero(asking: httpx.Client) -> None:
    said = words(asking.get("/indicator/reviews?year=2022"))
    assert "3 bodies have the number, 0 reports lack it" in said
    said = words(asking.get("/indicator/reviews?year=2023"))
    assert "2 bodies have the number, 2 reports lack it" in said


def test_an_indicator_can_be_narrowed_to_a_province_a_kind_and_an_applicant(
    asking: httpx.Client,
) -> None:
    page = words(asking.get("/indicator/requests_answered?province=330000&year=2023&kind=all"))
    assert JIASHAN.name in page
    assert TAX.name in page
    assert CHONGCHUAN.name not in page
    page = words(asking.get("/indicator/requests_answered?year=2023"))
    assert TAX.name not in page
    page = words(asking.get("/indicator/f21.s3.new?applicant=natural&year=2022"))
    assert "90" in page


def test_an_indicator_tells_what_fell_and_rose_from_a_year_on(asking: httpx.Client) -> None:
    first = asking.get("/indicator/requests_answered?year=2023")
    assert "What fell and rose until 2023" in words(first)
    [asked] = [link for link in links(first) if "since=2022" in link]
    answer = asking.get(asked)
    assert "2 fell, 1 rose" in words(answer)
    tables = html.fromstring(parsed(answer)).xpath("//h3/..//tbody")
    cells = [[td.text_content() for td in row][1:] for table in tables for row in table]
    assert cells == [["104", "82", "-22"], ["60", "50", "-10"], ["40", "41", "+1"]]
    assert report(CHONGCHUAN, 2022) in links(answer)


def test_coverage_leads_from_provinces_to_the_report(
    asking: httpx.Client, counted_store: Store
) -> None:
    assert "/coverage?division=320000" in links(asking.get("/coverage"))
    assert "/coverage?division=320600" in links(asking.get("/coverage?division=320000"))
    assert "/coverage?division=320613" in links(asking.get("/coverage?division=320600"))
    place = asking.get("/coverage?division=320613")
    assert report(CHONGCHUAN, 2018) in links(place)
    assert f"/body/{id_of(counted_store, CHONGCHUAN.name)}" in links(place)
    unknown = asking.get("/coverage?division=unknown")
    assert report(LOST, 2023) in links(unknown)


def test_what_nobody_looked_at_is_not_counted_as_missing() -> None:
    some = Count(states={State.PRESENT: 1, State.NOT_LOOKED_AT: 1})
    assert (some.there, some.looked_at, some.look) == (1, 1, "q4")
    assert some.said.startswith("1 of 1 looked at, 1 not looked at")
    assert Count(states={State.MISSING: 1}).look == "q0"
    assert Count(states={State.NOT_LOOKED_AT: 1}).look == "none"


def test_a_place_that_nobody_looked_at_has_no_share(asking: httpx.Client) -> None:
    page = html.fromstring(parsed(asking.get("/coverage?year=2020")))
    cells = page.xpath("//td[span[starts-with(@title, '0 of 0 looked at')]]")
    assert cells
    assert {each.text_content() for each in cells} == {"–0/0"}
    tiles = page.xpath("//*[local-name()='svg']//*[@class='none'][.//*[local-name()='a']]")
    assert tiles
    assert all("0 of 0 looked at, " in each.text_content() for each in tiles)


def test_a_year_that_is_not_there_leads_to_the_reason(
    asking: httpx.Client, counted_store: Store
) -> None:
    body_id = id_of(counted_store, RUDONG.name)
    missing = [each for each in links(asking.get("/coverage?division=320623")) if "#y" in each]
    if missing:
        assert missing[0].startswith(f"/body/{body_id}#y")
        assert f'id="{missing[0].partition("#")[2]}"' in asking.get(f"/body/{body_id}").text


@pytest.mark.parametrize(
    ("path", "status", "near"),
    [
        ("/indicator/review", 404, "reviews"), ("/indicator/nothing", 404, "concept"),
        ("/indicator/reviews?kind=x", 400, "kind"), ("/indicator/reviews?province=99", 404, "province"),
        ("/indicator/reviews?year=1200", 400, "year"), ("/coverage?year=1950", 400, "1990 to 2100"),
        ("/indicator/reviews?year=1950", 400, "1990"), ("/late?year=1950", 400, "1990"),
        ("/search?year=1950", 400, "1990"), ("/reports?year=1950", 400, "1990"),
        ("/indicator/reviews?since=1950", 400, "1990"), ("/api/coverage?year=1950", 400, "1990"),
        ("/api/table?indicator=reviews&from=1950", 400, "1990"),
        ("/indicator/reviews?since=2023&year=2022", 400, "not before"),
        ("/indicator/reviews?level=city", 400, "level"), ("/indicator/reviews?year=2010", 200, "0 bodies"), ("/body/999999", 404, "number"),
        ("/body/x", 400, "whole number"), ("/coverage?division=崇川", 404, "崇川区 (320613)"),
        ("/coverage?division=nowhere", 404, "division"), ("/compare?body=zzzz", 404, "zzzz"),
        ("/compare?body=县", 200, "meant"), ("/bodies?q=崇川区人民政符", 200, "come near"),
        ("/compare?indicator=review&body=1", 400, "reviews"),
        ("/compare?" + "&".join(f"body={each}" for each in range(1, 8)), 400, "at most"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_what_comes_near(
    asking: httpx.Client, path: str, status: int, near: str
) -> None:
    answer = asking.get(path)
    assert answer.status_code == status, unescape(answer.text)[-600:]
    assert near in words(answer)


def test_every_concept_and_form_has_its_page(asking: httpx.Client) -> None:
    listed = links(asking.get("/indicators"))
    assert {f"/indicator/{key}" for key in concepts()} <= set(listed)
    for key in ("trainings", "f08.review.total", "f19.s2.i1.rules.made"):
        answer = asking.get(f"/indicator/{key}")
        assert answer.status_code in {200, 404}
        if answer.status_code == 200:
            assert "No report of these bodies has this number" in words(answer)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_archive_says_so_everywhere(tmp_path: Path, language: str) -> None:
    with open_indexed(tmp_path) as store, served(store) as client:
        for path in ("/", "/coverage", "/coverage?division=320000", "/coverage?division=unknown",
                     "/bodies", "/bodies?q=x", "/indicators", "/indicator/reviews", "/compare"):  # fmt: skip
            answer = client.get(path, params={"lang": language} if "?" not in path else None)
            assert answer.status_code == 200, path
            parsed(answer)
        assert client.get("/body/1").status_code == 404


HOSTILE = "\u202e<script>alert(1)</script>" + "县" * 5_000


def test_hostile_names_stay_text_and_inside(tmp_path: Path) -> None:
    body = government(HOSTILE, "320623")
    with open_indexed(tmp_path) as store:
        counted.fill(store, {(body, 2022): {"f21.s3.new/total": "9"}})
        cover(store, [], now=NOW)
        with served(store) as client:
            for path in ("/body/1", "/coverage?division=320623", "/indicator/requests_received",
                         "/compare?body=1", "/bodies?q=县"):  # fmt: skip
                answer = client.get(path)
                assert answer.status_code == 200, path
                assert "<script" not in parsed(answer)
                assert "\u202e" not in answer.text


def test_every_download_and_link_of_a_page_is_there(
    asking: httpx.Client, counted_store: Store
) -> None:
    pages = (f"/body/{id_of(counted_store, CHONGCHUAN.name)}", "/indicator/reviews", "/",
             report(CHONGCHUAN, 2018), "/coverage?division=320613")  # fmt: skip
    found = {link for path in pages for link in links(asking.get(path)) if link.startswith("/")}
    assert {each.partition("?")[0] for each in found} >= {"/api/table", "/api/changes", "/api/page"}
    for link in sorted(found):
        assert asking.get(link).status_code == 200, link


def test_a_level_tells_how_many_governments_of_unknown_level_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = {
        (government("鼓楼区人民政府", code), 2022): {"f21.s4.review.total": "1"}
        for code in ("320106", None)
    }
    with open_indexed(tmp_path) as store:
        counted.fill(store, reports)
        with served(store) as client:
            whole, county = (
                words(client.get(f"/indicator/reviews{end}")) for end in ("", "?level=county")
            )
            answers = [
                client.get(f"/api/table?indicator=reviews&by={by}&level=county{end}").json()
                for by, end in (("body", ""), ("year", ""), ("year", "&from=2023"))
            ]
    said = "1 government of unknown level is not counted"
    assert (said in whole, said in county) == (False, True)
    assert [each["unknown_level"] for each in answers] == [1, 1, 0]
    for arguments, is_told in ((["--level", "county"], True), ([], False)):
        assert main(["table", "reviews", *arguments, "--home", str(tmp_path)]) == 0
        assert (said in capsys.readouterr().err) is is_told
