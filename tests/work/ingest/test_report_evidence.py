"""An entry or a list that names no URL is never good."""

import gzip

import pytest
from lxml import html

from archive.families.lists import read_list
from archive.model.outcome import Verdict
from archive.store.rows import Expected, PortalFacts, SilentPage
from archive.work.ingest.report_evidence import is_empty_list, is_report_itself
from archive.work.ingest.verdict import judge_portal
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, page

ENTRY = "/nb/index.html"
PROSE = "全年主动公开政府信息7条。收到申请3件。均已答复。\n" * 3
TITLES = "某县2021年政府信息公开工作年度报告\n某县2022年政府信息公开工作年度报告\n"


def silent(text: str, kind: str = "report", *, entry: bool = True) -> SilentPage:
    year = 2021 if kind == "report" else None
    return SilentPage(
        url="http://a.test/nb/", is_entry=entry, kind=kind, report_year=year, text=text
    )


def facts(*pages: SilentPage, reports: int = 3) -> PortalFacts:
    return PortalFacts(
        counts={"new": 4}, lists_read=2, reports=reports, silent=pages, lists_naming=1
    )


def unreadable_list() -> str:
    """A list whose entries only a click leads to, each in a way that is no URL."""
    items = "".join(
        f'<li><a href="#" data-go="{n}">某县20{n}年政府信息公开工作年度报告</a>'
        f"<span>20{n + 1}-01-10</span></li>"
        for n in range(18, 23)
    )
    return (
        '<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head>'
        f'<body><div class="list"><h2>政府信息公开年报</h2><ul>{items}</ul></div></body></html>'
    )


def test_an_entry_that_was_read_as_something_else_is_bad_on_every_night(
    gongkai: Gongkai, server: RawServer
) -> None:
    server.answers = {ENTRY: page(unreadable_list())}
    for _ in range(2):
        told = gongkai.crawl(f"{server.url}{ENTRY}", status=1)
        assert f"the entry {server.url}{ENTRY} names no URL" in str(told["reason"])


@pytest.mark.parametrize(
    "target",
    [
        'href="#"',
        'href="javascript:;" onclick="show(this,12345)"',
        "class=x",
        'href="http://[bad/x.html"',
        'href="http://127.0.0.1:99999/x.html"',
        'href="ftp://127.0.0.1/x.html"',
    ],
)
def test_an_entry_whose_url_cannot_be_told_is_a_finding(target: str) -> None:
    read = read_list(
        html.fromstring(mixed_list(target)), mixed_list(target), "http://a.test/nb/", None
    )
    assert len(read.items) == 3
    assert [(each.rule, each.evidence) for each in read.findings] == [
        ("entry_without_url", "某县2022年政府信息公开工作年度报告")
    ]


def test_a_tab_beside_the_list_is_no_entry() -> None:
    tab = '<p><a href="#">某县2022年政府信息公开工作年度报告</a></p>'
    text = mixed_list("", tab)
    assert read_list(html.fromstring(text), text, "http://a.test/nb/", None).findings == ()


def test_an_entry_that_vanishes_makes_the_portal_bad(gongkai: Gongkai, server: RawServer) -> None:
    server.answers = {ENTRY: page(mixed_list('href="#"'))}
    body = f"<html><title>{TITLES[:17]}</title><body><h1>{TITLES[:20]}</h1><p>{PROSE}</p></body></html>"
    server.answers |= {f"/nb/{year}.html": page(body) for year in (2019, 2020, 2021)}
    for _ in range(2):
        told = gongkai.crawl(f"{server.url}{ENTRY}", status=1)
        assert "has entries whose url cannot be told (某县2022年" in str(told["reason"])


def mixed_list(target: str, beside: str = "") -> str:
    """Three entries and, where `target` is given, a fourth that leads there."""
    links = [f'href="./{year}.html"' for year in (2019, 2020, 2021)] + ([target] if target else [])
    items = "".join(
        f"<li><a {link}>某县{year}年政府信息公开工作年度报告</a><span>{year + 1}-01-10</span></li>"
        for year, link in enumerate(links, 2019)
    )
    return (
        '<html><head><meta charset="utf-8"><title>政府信息公开年报</title></head>'
        f"<body>{beside}<div><h2>政府信息公开年报</h2><ul>{items}</ul></div></body></html>"
    )


def test_a_list_that_comes_as_a_file_is_bad(gongkai: Gongkai, server: RawServer) -> None:
    packed = b"7z\xbc\xaf\x27\x1c" + gzip.compress(unreadable_list().encode(), mtime=0)[1:]
    server.answers = {ENTRY: page(packed)}
    told = gongkai.crawl(f"{server.url}{ENTRY}", status=1)
    assert "names no URL" in str(told["reason"])


def test_bytes_that_nothing_decodes_make_no_version(gongkai: Gongkai, server: RawServer) -> None:
    packed = b"\x00" + gzip.compress(unreadable_list().encode(), mtime=0)[1:]
    server.answers = {ENTRY: page(packed)}
    for _ in range(2):
        told = gongkai.crawl(f"{server.url}{ENTRY}", status=1)
        assert "called text, but it is binary" in str(told["reason"])
    assert gongkai.rows("versions") == []


def test_a_report_that_a_person_names_is_good(gongkai: Gongkai, server: RawServer) -> None:
    text = "".join(f"<p>2020年，本镇主动公开政府信息{n}条，收到申请{n}件。</p>" for n in range(9))
    title = "某镇2020年政府信息公开工作年度报告"
    for word in ("甲", "乙"):
        body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{text}{word}镇。</body></html>"
        server.answers = {"/nb/1.html": page(body)}
        gongkai.crawl(f"{server.url}/nb/1.html")
    assert [row["version"] for row in gongkai.rows("versions")] == [1, 2]


def test_an_empty_list_among_others_is_told_and_no_fault() -> None:
    found = facts(silent("政府信息公开年报\n暂无信息", entry=False))
    judged = judge_portal(found, Expected(lists=1, reports=3, others=0), None)
    assert judged.verdict is Verdict.GOOD
    assert "1 of its lists empty (http://a.test/nb/)" in judged.reason


def test_what_is_a_report_itself_is_told_by_its_sentences() -> None:
    assert is_report_itself(silent(PROSE))
    assert not is_report_itself(silent(TITLES))
    assert not is_report_itself(silent(PROSE, "article"))
    assert is_empty_list(silent("首页\n政府信息公开年报\n暂无信息", entry=False))
    assert not is_empty_list(silent("某县2021年政府信息公开年报", entry=False))
    assert not is_empty_list(silent(PROSE * 9, entry=False))


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (facts(silent("暂无信息", "other")), "the entry http://a.test/nb/ names no URL"),
        (facts(silent(TITLES, entry=False)), "the list http://a.test/nb/ names no URL"),
        (facts(silent(TITLES, "article", entry=False)), "(it was read as article)"),
        (facts(silent("", "attachment", entry=False)), "(it was read as attachment)"),
        (facts(reports=0), "no report was found"),
    ],
)
def test_a_silent_list_makes_its_portal_bad(found: PortalFacts, said: str) -> None:
    judged = judge_portal(found, Expected(lists=1, reports=3, others=0), None)
    assert (judged.verdict, said in judged.reason) == (Verdict.BAD, True)


def test_lists_that_name_no_report_any_more_are_bad() -> None:
    found = PortalFacts(counts={"unchanged": 2}, lists_read=2, reports=9, lists_naming=0)
    judged = judge_portal(found, Expected(lists=2, reports=9, others=0), None)
    assert "none of its 2 lists names a report" in judged.reason


def test_what_was_never_visited_is_not_called_good() -> None:
    judged = judge_portal(PortalFacts(counts={}), Expected(lists=0, reports=0, others=0), None)
    assert (judged.verdict, "never visited" in judged.reason) == (Verdict.BAD, True)
