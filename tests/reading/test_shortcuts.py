"""Each shortcut of the reading takes the way that it shortens: told by walking both."""

import random
import sys
from html.entities import entitydefs

import pytest
from lxml import etree
from lxml.cssselect import CSSSelector

from archive.families.listing.anchors import prepare
from archive.families.listing.clusters import _shared
from archive.families.registry import families
from archive.model.content import narrow, normalised
from archive.model.reading import Source
from archive.reading import document
from archive.reading.analysis import analyse
from archive.reading.html import attachments, grid, parse
from archive.reading.html.celltext import one_line
from archive.reading.html.parse import SCRIPTS, fragment
from archive.reading.quality import lost_characters
from archive.reading.text.embedded import from_writes, may_speak
from bench.site import list_pages, report_pages
from tests.reading.pages import ADDRESS

CODES = [*range(0xD800), *range(0xE000, 0x10000), *range(0x10000, sys.maxunicode, 61)]
CHARACTERS = [*map(chr, CODES)]


def test_a_row_without_white_space_is_its_cells_with_tabs_between() -> None:
    for character in CHARACTERS:
        cells = [f"{character}县", f"1{character}2"]
        assert grid._line(cells) == "\t".join(map(one_line, cells)), ascii(character)


def test_a_line_without_white_space_enters_the_hash_as_it_is() -> None:
    for character in CHARACTERS:
        line = f"{character}县\t1{character}2"
        assert normalised(line) == "".join(
            sign for sign in narrow(line) if sign == "\t" or not sign.isspace()
        ), ascii(character)


SPANS = ["1", "10", "'10'", '"100"', "1001", '" 1001 "', "'65535'", "'&#49;0000'", "1e5", '"9e9"',
         "'１００１'", "x", "", "' 7 '", "1001.5", "-1", "+1001", "'1 001'"]  # fmt: skip


@pytest.mark.parametrize("name", ["colspan", "rowspan", "COLSPAN", "rowSpan"])
@pytest.mark.parametrize("joint", ["=", " = ", "\n=\t", " =", "= "])
def test_a_span_beyond_the_limits_is_printed_as_one_that_may_be(name: str, joint: str) -> None:
    for span in SPANS:
        markup = f"<table><tr><td {name}{joint}{span}>1</td></tr></table>".encode()
        tree = parse._tree(markup)
        assert tree is not None
        beyond = parse._SPANS(tree) is True
        assert not beyond or parse._MAY_SPAN_MUCH.search(markup.lower()), markup


def test_spans_within_the_limits_are_told_without_a_look_at_the_tree() -> None:
    plain = b"<td colspan=3 rowspan='12'><td colspan=\"7\"><span class=x>"
    assert parse._MAY_SPAN_MUCH.search(plain) is None


def test_the_first_title_is_what_xpath_takes_for_it() -> None:
    bodies = ["<title>一<b>二</b>三</title>四", "<svg><title>甲</title></svg><title>乙</title>", "丙",
              "<head><title></title><title>丁</title></head>", "<title>戊<script>1</script>"]  # fmt: skip
    pages = [body.encode() for body in bodies] + [p.body for p in report_pages(2, seed=2)]
    for body in pages:
        analysis = analyse(Source(url=ADDRESS, body=body))
        whole = analysis.page.tree.xpath("string(//title)")
        assert document._unseen_words(analysis)[0] == whole[:300], body[:100]


def test_a_tag_alone_selects_what_the_selector_selects() -> None:
    known = [css for each in families() for css in (*each.body, *each.title, *each.metadata_box)]
    tags = [css for css in known if css.isalnum()]
    assert tags
    page = parse.parse(
        "<h1>1</h1><UCAPCONTENT><p>2</p></UCAPCONTENT><ucaptitle>3</ucaptitle><div><h1>4</h1></div>"
    )
    for css in tags:
        assert CSSSelector(css, translator="html")(page.tree) == list(page.tree.iter(css.lower()))


CARRIERS = etree.XPath(
    "//a | //iframe | //embed | //object | //@onclick/.. | //@data-href/.. | //@data-url/.."
)
ELEMENTS = ["<a href=1>", "</a>", "<p onclick='x'>", "</p>", "<div data-url=2>", "<div>", "</div>",
            "<iframe src=3></iframe>", "<li DATA-HREF=4>", "<li>", "<b>", "<p>"]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_carriers_of_files_come_in_the_order_of_the_page(seed: int) -> None:
    markup = "<body>" + "一".join(random.Random(seed).choices(ELEMENTS, k=30))
    page = parse.parse(markup)
    assert list(attachments._carriers(page)) == CARRIERS(page.tree), markup


def test_attributes_of_scripts_are_known_from_the_mark_up() -> None:
    assert parse.parse("<p OnClick=1>一</p>").scripts == {"onclick"}
    assert parse.parse("<p data-URL=1>一</p>").scripts == {"data-url"}
    assert parse.parse("<p>一</p>").scripts == frozenset()
    assert parse.parse("一").scripts == SCRIPTS  # no mark-up was looked at


def test_written_text_is_no_longer_than_its_mark_up() -> None:
    for name in entitydefs:
        element = fragment(f"一&{name};二")
        assert element is not None
        assert len("".join(element.itertext())) <= len(f"一&{name};二")
    assert not may_speak("一" * 59)
    assert from_writes("一" * 59) is None
    assert from_writes("一" * 60) is not None


def test_dates_and_heads_are_where_the_text_as_a_whole_has_them() -> None:
    lost = ["截至2014123，公开10780条。", "2014123日", "2014年123日", "自1月1日至1231日", "完成，123召开会议",
            "清府办〔2014123号"]  # fmt: skip
    others = ["本年度主动公开20条。", "一、概述", ""]
    for line in lost:
        assert lost_characters.lost_characters([line]), line
        assert lost_characters.lost_characters([*others, line, *others]), line
    for character in CHARACTERS:
        if lost_characters._EMPTY_HEAD.match(f"{character})政") is not None:
            assert character in lost_characters._OPENING


def test_lists_have_the_links_that_their_anchors_share() -> None:
    for page in list_pages(20, seed=4):
        analysis = analyse(Source(url=page.url, body=page.body))
        anchors = prepare(analysis.page.tree, analysis.page.text, page.url, None).anchors
        for one in anchors:
            for other in anchors:
                pairs = list(zip(one.line, other.line, strict=False))
                shared = next((n for n, (a, b) in enumerate(pairs) if a is not b), len(pairs))
                assert _shared(one, other) == shared
