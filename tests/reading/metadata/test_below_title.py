"""The line under a title, as portals print it: day, source, tools, with and without labels."""

import pytest

from archive.reading.values.dates import day_below_title
from tests.reading.pages import PARAGRAPHS, field, page, read_html, values

DAY = "2020-05-06"
WITH_SOURCE = {
    "the label turned round": "<p><span>时间发布：2020-05-06 09:51</span><span>信息来源：县府办</span></p>",
    "between bars": "<p>信息来源：县府办 | 发布时间: 2020年5月6日 | 浏览: 次</p>",
    "in brackets": "<p>【发布时间：2020-05-06】【来源：县府办】【字号：<a>大</a> <a>中</a>】</p>",
    "words without colons": "<p>发布时间 2020-05-06 来源 县府办</p>",
    "pieces without colons or gaps": (
        "<div><label>发布时间</label><em>2020-05-06</em><label>来源</label><em>县府办</em></div>"
    ),
    "the day behind the source": "<p>来源：县府办 2020-05-06 09:12:00</p>",
    "the day before the source": "<p>2020-05-06 09:12 来源：县府办 作者：</p>",
    "a manuscript's source": "<p>稿源：县府办 审核：李四 2020-05-06</p>",
}
DAY_ALONE = {
    "in figures": "<p>[2020-05-06]</p>",
    "with hours and minutes as characters": "<ul><li>2020年05月06日 09时32分</li></ul>",
    "beside a name": "<p>县府办 2020/5/6</p>",
    "before a counter": "<p><span>2020-05-06 09:00:00</span><span>县府办</span><span>阅读(7)</span></p>",
    "before tools": "<p>信息时间：2020-05-06 [ 打印 ] [ 关闭 ]</p>",
}


def below(line: str, *, head: str = "") -> str:
    return page(f'<h1>关于某事的通知</h1>{line}<div id="zoom">{PARAGRAPHS}</div>', head=head)


@pytest.mark.parametrize("line", WITH_SOURCE.values(), ids=list(WITH_SOURCE))
def test_day_and_source_are_read(line: str) -> None:
    found = values(read_html(below(line)))
    assert (found["published_on"], found["source"]) == (DAY, "县府办")


@pytest.mark.parametrize("line", DAY_ALONE.values(), ids=list(DAY_ALONE))
def test_a_day_is_read(line: str) -> None:
    assert values(read_html(below(line)))["published_on"] == DAY


@pytest.mark.parametrize("line", [*WITH_SOURCE.values(), *DAY_ALONE.values()])
def test_the_line_is_no_text(line: str) -> None:
    assert len(read_html(below(line)).lines) == 5


def test_a_day_in_the_words_of_a_subtitle_is_no_day_of_publishing() -> None:
    reading = read_html(below("<p>（2018年12月29日县人大常委会第三次会议通过）</p>"))
    assert "published_on" not in values(reading)


def test_two_days_under_a_title_are_not_one() -> None:
    assert day_below_title("有效期 2020-05-06 至 2021-05-06") is None


def test_the_day_is_printed_without_what_stands_beside_it() -> None:
    reading = read_html(below("<p>县府办 2020-05-06 09:12</p>"))
    assert field(reading, "published_on").printed == "2020-05-06 09:12"


BUILT = (
    '<meta name="PubDate" content="2022-10-14 10:16:14">'
    '<meta name="others" content="页面生成时间 2022-10-14 10:16:14">'
)


def test_a_moment_of_generation_is_no_day_of_publishing_where_the_url_tells_one() -> None:
    reading = read_html(
        below("", head=BUILT), url="http://www.example.gov.cn/10462/2020/5/6/e65.shtml"
    )
    assert values(reading)["published_on"] == DAY


def test_a_moment_of_generation_is_better_than_no_day() -> None:
    assert values(read_html(below("", head=BUILT)))["published_on"] == "2022-10-14"
