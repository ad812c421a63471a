"""Signs that a page is a copy, a mirror, or was written into by strangers; and what is no sign."""

import pytest

from archive.codebook.divisions import related
from archive.model.reading import Finding, Reading, Source
from archive.reading.quality.lost_characters import lost_characters
from archive.reading.read import read
from tests.reading.pages import ADDRESS, FOOT, PARAGRAPHS, page, read_html


def foot(site: str, police: str) -> str:
    return (
        f"<div><p>政府网站标识码：{site}0009</p><p>冀公网安备 {police}02000523号</p>"
        f"<p>主办单位：某人民政府</p></div>"
    )


def marked(site: str, police: str, *, box: str = "", division: str | None = None) -> Reading:
    text = page(box + PARAGRAPHS).replace(FOOT, foot(site, police))
    return read(Source(url=ADDRESS, body=text.encode(), division=division))


def copies(reading: Reading) -> list[Finding]:
    return [finding for finding in reading.findings if finding.rule == "rehosted_copy"]


@pytest.mark.parametrize(
    ("site", "police", "level"),
    [
        ("130400", "511402", "provinces"),
        ("130400", "130102", "prefectures"),
        ("130402", "130403", "counties"),
    ],
)
def test_marks_of_two_places_are_a_finding_that_names_the_level(
    site: str, police: str, level: str
) -> None:
    (found,) = copies(marked(site, police))
    assert found.message.endswith(f"different {level}")


@pytest.mark.parametrize(
    ("site", "police"),
    [
        ("130402", "130402"),
        ("130000", "130102"),
        ("130402", "130400"),
        ("320602", "320613"),
        ("320613", "320611"),
        ("110228", "110118"),
        ("359000", "350128"),
    ],
    ids=["same", "under", "above", "another code", "merged into", "renamed", "a zone's code"],
)
def test_marks_of_one_place_are_no_finding(site: str, police: str) -> None:
    assert copies(marked(site, police)) == []


def test_the_organ_s_code_is_compared_as_well() -> None:
    box = "<ul><li>索引号：113308810026305088/2014-128123</li><li>发布机构：上余镇</li></ul>"
    (found,) = copies(marked("330802", "330802", box=box))
    assert found.evidence.endswith("标识码 330802, 公安备案 330802, 索引号 330881")


def test_the_place_in_the_catalogue_is_compared_as_well() -> None:
    (found,) = copies(marked("431224", "431224", division="530427"))
    assert "catalogue 530427" in found.evidence


def test_a_ministry_s_code_names_no_place() -> None:
    text = page(PARAGRAPHS).replace("1304000009", "bm29000002")
    assert copies(read_html(text)) == []


def test_places_that_became_one_are_related() -> None:
    assert (related("320602", "320611"), related("320602", "320681")) == (True, False)


OWN = '<meta name="SiteDomain" content="https://www.taizhou.gov.cn/">'


def test_a_page_that_stands_outside_of_the_domain_it_calls_its_own_may_be_a_mirror() -> None:
    reading = read_html(page(PARAGRAPHS, head=OWN), url="http://www.zwinkt.com/art/1.html")
    assert [found.evidence for found in copies(reading)] == ["www.zwinkt.com: www.taizhou.gov.cn"]
    assert reading.official


@pytest.mark.parametrize(
    "url",
    [
        "http://www.taizhou.gov.cn/a.html",
        "http://xxgk.taizhou.gov.cn/a.html",
        "http://www.jstz.gov.cn/a.html",
        "http://122.137.242.24:8080/a.html",
        "http://localhost/a.html",
    ],
    ids=["its own", "under its own", "another gov.cn", "a machine", "a bare name"],
)
def test_a_host_that_a_government_may_use_is_no_mirror(url: str) -> None:
    assert copies(read_html(page(PARAGRAPHS, head=OWN), url=url)) == []


def test_characters_of_a_careless_converter_are_a_finding() -> None:
    text = page("<p>健全信息公開製度，完善公開體係，嚮社會公佈。</p>" + PARAGRAPHS)
    assert [found.evidence for found in copies(read_html(text))] == ["嚮社會 製度 體係"]


def test_careful_traditional_characters_are_no_finding() -> None:
    text = page("<p>健全信息公開制度，完善公開體系，向社會公佈。</p>" + PARAGRAPHS)
    assert copies(read_html(text)) == []


def test_pinyin_behind_characters_is_a_finding() -> None:
    text = page("<p>信息公(gong)開(kai)事務(wù)情況</p>" + PARAGRAPHS)
    assert [found.message for found in copies(read_html(text))] == ["pinyin behind characters"]


HIJACKED = {
    "a title tag that nobody sees": page(f"<h1>年报</h1>{PARAGRAPHS}", title="365体育官网-首页"),
    "words for search engines": page(
        PARAGRAPHS, head='<meta name="Keywords" content="亚博体育,世界杯投注">'
    ),
    "hidden links": page(
        f'{PARAGRAPHS}<div style="display:none"><a href="http://x.example">澳门新葡京</a></div>'
    ),
    "links beside the screen": page(
        f'{PARAGRAPHS}<p style="position:absolute;left:-9999px"><a href="#">百家乐</a></p>'
    ),
}


@pytest.mark.parametrize("text", HIJACKED.values(), ids=list(HIJACKED))
def test_words_that_a_stranger_hid_are_a_finding(text: str) -> None:
    assert [finding.rule for finding in read_html(text).findings] == ["hijack_words"]


def test_a_headline_about_the_fight_against_gambling_is_no_hijack() -> None:
    text = page(f"<h1>我县打击赌场专项行动</h1>{PARAGRAPHS}", title="我县打击赌场专项行动")
    assert read_html(text).findings == ()


def test_runs_of_question_marks_are_a_finding() -> None:
    lines = ["??????????2017??", "????????", "一、????????"]
    assert [finding.rule for finding in lost_characters(lines)] == ["lost_characters"]


def test_one_run_of_question_marks_is_none() -> None:
    assert lost_characters(["为什么？？？？？？？"]) == ()
