"""Pages that carry their text twice, nearly alike: it is read once. And the guard against what is
read not at all.
"""

import pytest

from archive.model.reading import Finding, Reading
from tests.reading.pages import SENTENCES, page, read_html
from tests.reading.text.test_container import TABLE, TITLE

WIDE = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
LINES = "<br><br>".join(SENTENCES)
TOGETHER = "<p>" + "".join(SENTENCES) + "</p>"
SIGNED = "<p>清河县人民政府</p><p>2024年1月20日</p>"

TWICE = {
    "in other elements": f"<div class='pc'>{WIDE}</div><div class='wap'>{WIDE.replace('p>', 'div>')}</div>",
    "with line breaks": f"<div class='pc'>{WIDE}</div><div class='wap'>{LINES}</div>",
    "in one paragraph": f"<div class='pc'>{WIDE}</div><div class='wap'>{TOGETHER}</div>",
    "the telephone's first": f"<div class='phone'>{LINES}</div><div class='pc'>{WIDE}</div>",
    "one sentence changed": f"<div class='a'>{WIDE}</div><div class='b'>{WIDE.replace('5、全镇', '5、本镇')}</div>",
    "of the same class": f"<div class='con'>{WIDE}</div><div class='con'><b>正文</b>{WIDE}</div>",
    "named like an editor's": f"<div class='m'>{WIDE}</div><div class='TRS_Editor'>{WIDE}</div>",
    "at other depths": f"<div><div class='pc'>{WIDE}</div></div><div><div><div class='m'>{WIDE}</div></div></div>",
    "below each other": f"<div class='pc'>{WIDE}<div class='mobile'>{LINES}</div></div>",
}


def rules(reading: Reading) -> list[str]:
    return [finding.rule for finding in reading.findings]


def left_out(reading: Reading) -> list[Finding]:
    return [finding for finding in reading.findings if finding.rule == "text_left_out"]


@pytest.mark.parametrize("text", TWICE.values(), ids=list(TWICE))
def test_a_text_for_two_screens_is_read_once(text: str) -> None:
    said = "".join(read_html(page(f"<h1>{TITLE}</h1><div>{text}</div>", title=TITLE)).lines)
    assert [said.count(sentence) for sentence in SENTENCES[:4]] == [1] * 4


def test_the_table_of_two_copies_is_read_once() -> None:
    text = (
        f"<div class='pc'>{WIDE}{TABLE}{SIGNED}</div><div class='wap'>{LINES}{TABLE}{SIGNED}</div>"
    )
    reading = read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE))
    assert (len(reading.tables), left_out(reading)) == (1, [])


def test_what_only_the_dropped_copy_says_is_told() -> None:
    text = f"<div class='pc'>{WIDE}</div><div class='wap'>{WIDE}<p>附加说明只在手机版里，桌面版没有这一段文字。</p></div>"
    (found,) = left_out(read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE)))
    assert found.evidence == "附加说明只在手机版里，桌面版没有这一段文字。"


def test_an_abstract_above_the_text_is_no_copy() -> None:
    text = f"<div class='zy'><p>{SENTENCES[0]}</p></div><div class='xq'>{WIDE}</div>"
    assert read_html(page(f"<h1>{TITLE}</h1>{text}")).lines[-5:] == SENTENCES


def test_halves_that_share_a_sentence_are_no_copies() -> None:
    other = "".join(f"<p>{sentence.replace('全镇', '全乡')}</p>" for sentence in SENTENCES[1:])
    text = f"<div class='u'>{WIDE}</div><div class='v'><p>{SENTENCES[0]}</p>{other}</div>"
    assert len(read_html(page(f"<h1>{TITLE}</h1>{text}")).lines) == 10


LOST = "这一段文字在正文容器之外，读者看得见，而正文里没有，所以应当有人知道。"


def test_a_sentence_beside_the_container_is_told_with_its_share() -> None:
    text = f"<div id='zoom'>{WIDE}</div><div class='q'><p>{LOST}</p></div>"
    (found,) = left_out(read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE)))
    assert (found.evidence, "%" in found.message) == (LOST, True)


def test_a_table_beside_the_container_is_told() -> None:
    text = f"<div id='zoom'>{WIDE}</div><div class='q'>{TABLE}</div>"
    (found,) = left_out(read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE)))
    assert found.evidence.startswith("第二十条")


KNOWN = {
    "furniture": f"<div class='footer'><p>{LOST}</p></div>",
    "a header field": f"<table><tr><td>索引号</td><td>1</td><td>内容概述</td><td>{SENTENCES[0]}</td></tr></table>",
    "a note of the site": "<div><p>您访问的链接即将离开本门户网站，请确认是否继续访问该页面。</p></div>",
    "a link": f"<div><a href='/1.html'>{LOST}</a></div>",
    "hidden": f"<div style='display:none'><p>{LOST}</p></div>",
    "the right of the site": "<div><p>本网站所有信息，未经许可不得转载，违者必究，特此声明。</p></div>",
}


@pytest.mark.parametrize("beside", KNOWN.values(), ids=list(KNOWN))
def test_what_is_known_to_be_no_text_is_not_told(beside: str) -> None:
    text = f"<div id='zoom'>{WIDE}</div>{beside}"
    assert left_out(read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE))) == []


def test_what_is_repeated_without_measure_is_read_in_time() -> None:
    text = f"<div class='con'>{WIDE}</div>" * 1500
    assert len(read_html(page(f"<h1>{TITLE}</h1>{text}", title=TITLE)).lines) > 1000
