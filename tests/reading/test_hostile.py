"""Any bytes: the reader never raises, stays within its time, and says what it did not read."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from archive.model.outcome import Role
from archive.model.reading import Reading, Source
from archive.reading import read as reading_room
from archive.reading.html.parse import MAX_DEPTH, MAX_LINES, MAX_TAGS, _without_scripts, parse
from archive.reading.read import read
from archive.reading.text.second_opinion import without
from tests.reading.pages import ADDRESS, PARAGRAPHS, page

BOX = "<table><tr><td>索引号</td><td>014416330/2018-04736</td><td>发布机构</td><td>县府</td></tr></table>"
TABLE = "<table border=1><tr><td rowspan=2>指标</td><td>数</td></tr><tr><td>12</td></tr></table>"
WHOLE = page(
    f"{BOX}<h1>2018年政府信息公开年报</h1><div id='zoom'>{PARAGRAPHS}{TABLE}</div>"
).encode()
SECONDS = 20.0

BOMBS = {
    "deep divs": "<div>" * 100_000 + "深" + "</div>" * 100_000,
    "deep spans": "<p>" + "<span>" * 60_000 + "深",
    "deep tables": "<table><tr><td>" * 3_000 + "深",
    "unclosed bold": "<b>" * 50_000 + "深",
    "many elements": "<p>政<b>府</b></p>" * 30_000,
    "many tags": "<i>" * (MAX_TAGS + 1),
    "entities": "<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><p>" + "&b;" * 50_000,
    "a huge attribute": f"<p class='{'x ' * 500_000}' style='{'a:b;' * 500_000}'>深</p>",
    "a huge word": "<p>" + "政" * 700_000,
    "blanks": "<p>政" + " \u3000\n" * 500_000 + "府</p>",
    "colons": "<p>" + "发布时间：" * 60_000,
    "labels apart": "<p>" + "索 引 号 " * 60_000 + "：",
    "open brackets": "<" * 300_000,
    "half tags": "<a href=" * 100_000,
    "digits": "<p>" + "2019" * 300_000 + "年",
    "links": "".join(f"<a href='{n}.htm'>{n}</a>" for n in range(8_000)),
    "written": "<script>" + 'document.write("\\' * 50_000 + "</script>",
    "a configuration": "<script>DETAIL: {" + '"content":' * 50_000 + "</script>",
    "nested json": "<script>DETAIL: " + '{"content":' * 100_000 + "</script>",
    "spans of a table": "<table border=1>"
    + "<tr><td colspan=1000000000 rowspan=99999>1</td></tr>" * 500,
    "many cells": "<table border=1>" + ("<tr>" + "<td>1" * 90) * 400,
    "tool words": "<p>" + "打印" * 100_000,
    "titles": "<title>" + "a_" * 200_000 + "</title><h1>x</h1>",
    "headings": "<h1>标题标题标题</h1>" * 6_000,
    "boxes": BOX * 700,
    "nul": "\0" * 500_000,
}


def of(body: bytes, role: Role = Role.PAGE) -> Reading:
    return read(Source(url=ADDRESS, body=body, role=role))


def is_sound(reading: Reading) -> bool:
    return "reader_failed" not in [finding.rule for finding in reading.findings]


@pytest.mark.parametrize("bomb", BOMBS, ids=list(BOMBS))
def test_a_bomb_is_read_in_time(bomb: str) -> None:
    started = time.process_time()
    reading = of(BOMBS[bomb].encode())
    assert (is_sound(reading), time.process_time() - started < SECONDS) == (True, True)


TOLD = {
    "spans of a table": "implausible_span",
    "entities": "entities_ignored",
    "deep divs": "too_deep",
}


@pytest.mark.parametrize("bomb", TOLD, ids=list(TOLD))
def test_a_bomb_is_told(bomb: str) -> None:
    assert TOLD[bomb] in [finding.rule for finding in of(BOMBS[bomb].encode()).findings]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rows", "columns", "told"),
    [(300, 900, "table_refused"), (1000, 1000, "too_many_elements")],
)
def test_a_table_of_far_too_many_cells_is_told_in_time(rows: int, columns: int, told: str) -> None:
    started = time.process_time()
    reading = of(("<table border=1>" + ("<tr>" + "<td>1" * columns) * rows).encode())
    assert told in [finding.rule for finding in reading.findings]
    assert time.process_time() - started < SECONDS


def test_more_lines_than_are_read_apart_lose_nothing() -> None:
    text = "\n".join(f"政府{number}" for number in range(MAX_LINES + 7))
    tree = parse(text, plain=True).tree
    assert (len(tree[0]) <= MAX_LINES, "".join(tree.itertext()).count("政府")) == (
        True,
        MAX_LINES + 7,
    )


def test_text_too_deep_for_a_tree_is_still_read() -> None:
    reading = of(("<div>" * (MAX_DEPTH + 9) + f"{PARAGRAPHS}").encode())
    assert (len(reading.lines), reading.findings[0].rule) == (5, "too_deep")


def test_text_with_too_many_elements_is_still_read() -> None:
    reading = of((PARAGRAPHS + "<i></i>" * MAX_TAGS).encode())
    assert (len(reading.lines), reading.findings[0].rule) == (5, "too_many_elements")


@given(st.binary(max_size=2_000))
@settings(max_examples=150, deadline=None)
def test_random_bytes_never_raise(body: bytes) -> None:
    assert is_sound(of(body))


@given(st.integers(0, len(WHOLE)))
@settings(max_examples=80, deadline=None)
def test_a_page_cut_anywhere_never_raises(end: int) -> None:
    assert is_sound(of(WHOLE[:end]))


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), max_size=40))
@settings(max_examples=100, deadline=None)
def test_a_damaged_page_never_raises(damage: list[tuple[int, int]]) -> None:
    body = bytearray(WHOLE)
    for position, byte in damage:
        body[position] = byte
    assert is_sound(of(bytes(body), Role.LIST))


PIECES = (
    "<table>", "</table>", "<tr>", "<td colspan=3>", "<td>", "<div id=zoom>", "</div>", "<p>", "<br>",
    "索引号：", "发布机构", "文号", "2018年", "年度报告", "政府信息公开", "。", "，", "<a href=a.pdf>", "</a>", "<li>",
    "<script>document.write('x')</script>", "<h1>", "</h1>", "<title>", "</title>", "|", "上一篇：", "来源：",
    "<meta name=ArticleTitle content=x>", "<span style='display:none'>", "</span>", "</html>", "<dl><dt>", "<dd>",
)  # fmt: skip


def test_a_control_character_behind_a_table_is_no_stumbling_block() -> None:
    page_tree = html.fromstring("<div><table><tr><td>1</td></tr></table>&#1;其后</div>")
    left = without(page_tree, [page_tree[0]])
    assert (left.text_content(), left.find(".//td")) == ("\x01其后", None)


@given(st.lists(st.sampled_from(PIECES), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_order_of_the_usual_pieces_never_raises(pieces: list[str]) -> None:
    assert is_sound(of("".join(pieces).encode()))


@given(
    st.lists(
        st.text("政府信息公开年报工作一二三，。", min_size=8, max_size=60), min_size=3, max_size=9
    )
)
@settings(max_examples=60, deadline=None)
def test_every_paragraph_of_a_named_container_is_kept_in_order(paragraphs: list[str]) -> None:
    sentences = [f"第{number}点，{text}。" for number, text in enumerate(paragraphs)]
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    text = page(f'<h1>清河县通告</h1><div class="TRS_Editor">{body}</div>')
    assert list(of(text.encode()).lines) == sentences


@given(st.text(max_size=60), st.text(max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_url_and_charset_are_taken(url: str, charset: str) -> None:
    source = Source(url=url, body=WHOLE, charset=charset, family="no-such-family")
    assert is_sound(read(source))


def test_the_same_bytes_give_the_same_reading() -> None:
    assert of(WHOLE) == of(WHOLE)


def test_a_defect_of_the_reader_becomes_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Source) -> Reading:
        raise KeyError("planted")

    monkeypatch.setattr(reading_room, "read_document", broken)
    reading = of(WHOLE)
    assert (reading.findings[-1].rule, reading.lines) == ("reader_failed", ())


def test_a_page_of_scripts_that_never_end_costs_no_more_than_another() -> None:
    """Where a page is too deep for a tree, scripts are cut out of its text: once looked for in
    vain, their end is not looked for again.
    """
    page = "<script>x</script>a<style>y</STYLE >b<script>c<script>d</style>"
    assert _without_scripts(page) == "\na\nb<script>c<script>d</style>"

    def took(count: int) -> float:
        begun = time.thread_time()
        _without_scripts("<script>" * count)
        return time.thread_time() - begun

    assert min(took(40_000) for _ in range(3)) < 8 * min(took(10_000) for _ in range(3))
