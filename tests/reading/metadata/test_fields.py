"""Which label gives a field, which date is which, what is kept as printed."""

import pytest

from archive.reading.values.dates import day_of, is_only_a_day, years_of
from archive.reading.values.document_number import repaired_document_number
from archive.reading.values.index_number import index_checksum
from archive.reading.values.pairs import pairs_in
from tests.reading.pages import PARAGRAPHS, field, page, read_html, values


def boxed(items: str, *, head: str = "", below: str = "") -> str:
    return page(f"<ul>{items}</ul><h1>关于某事的通知</h1>{below}{PARAGRAPHS}", head=head)


def test_the_subject_category_wins_over_the_combined_one() -> None:
    reading = read_html(
        boxed("<li>组配分类：政策文件</li><li>主题分类：财政</li><li>文号：无</li>")
    )
    assert values(reading)["category"] == "财政"


def test_the_category_that_lost_stays_under_its_label() -> None:
    reading = read_html(
        boxed("<li>组配分类：政策文件</li><li>主题分类：财政</li><li>文号：无</li>")
    )
    assert values(reading)["组配分类"] == "政策文件"


def test_a_document_date_with_a_time_is_the_day_of_publishing() -> None:
    reading = read_html(boxed("<li>发文机关：县府办</li><li>发文日期：2014年12月22日 10:00</li>"))
    assert (values(reading).get("published_on"), "written_on" in values(reading)) == (
        "2014-12-22",
        False,
    )


def test_a_document_date_without_a_time_is_the_day_of_writing() -> None:
    reading = read_html(boxed("<li>发文机关：县府办</li><li>发文日期：2014年12月22日</li>"))
    assert values(reading)["written_on"] == "2014-12-22"


def test_the_printed_string_stays_beside_the_value() -> None:
    reading = read_html(boxed("<li>发文机关：县府办</li><li>成文日期：2014年1月27日 10:56:08</li>"))
    assert field(reading, "written_on").printed == "2014年1月27日 10:56:08"


def test_a_lost_bracket_is_repaired_in_the_value_only() -> None:
    reading = read_html(boxed("<li>发文机关：县府办</li><li>文号：琼府办〔201451号</li>"))
    found = field(reading, "document_number")
    assert (found.value, found.printed) == ("琼府办〔2014〕51号", "琼府办〔201451号")


def test_the_line_under_the_heading_is_read() -> None:
    line = "<div><span>发布时间：2023-10-23 08:59</span><span>来源：市府办</span><span>浏览次数：7</span></div>"
    reading = read_html(boxed("", below=line))
    assert (values(reading)["published_on"], values(reading)["source"]) == ("2023-10-23", "市府办")


def test_a_counter_is_no_field() -> None:
    line = "<div><span>来源：市府办</span><span>浏览次数：7</span></div>"
    assert "7" not in values(read_html(boxed("", below=line))).values()


def test_a_date_without_a_label_before_the_source_is_the_day_of_publishing() -> None:
    reading = read_html(boxed("", below="<div>2020-05-06 09:10 来源：市府办</div>"))
    assert values(reading)["published_on"] == "2020-05-06"


def test_a_filled_source_wins_over_a_blank_one() -> None:
    reading = read_html(boxed("", below="<p>来源：</p><p>来源：省厅</p>"))
    assert values(reading)["source"] == "省厅"


def test_a_blank_source_is_filled_from_the_meta_tag() -> None:
    head = '<meta name="contentSource" content="省发改委">'
    reading = read_html(boxed("", head=head, below="<p>信息来源：</p>"))
    assert field(reading, "source").origin == "meta:ContentSource"


def test_meta_tags_are_read_in_any_case() -> None:
    head = '<meta NAME="pubdate" content="2023—01—18 10:00">'
    assert values(read_html(boxed("", head=head)))["published_on"] == "2023-01-18"


def test_a_placeholder_of_a_template_is_no_value() -> None:
    head = '<meta name="ContentSource" content="来源"><meta name="PubDate" content="${pubdate}">'
    assert {"source", "published_on"}.isdisjoint(values(read_html(boxed("", head=head))))


def test_the_page_wins_over_its_meta_tags() -> None:
    head = '<meta name="PubDate" content="2024-07-05">'
    reading = read_html(boxed("", head=head, below="<p>发布日期：2024-07-01</p>"))
    assert values(reading)["published_on"] == "2024-07-01"


def test_the_url_gives_the_day_only_when_nothing_else_does() -> None:
    reading = read_html(boxed(""), url="http://x.gov.cn/nb/202503/t20250310_97791.htm")
    assert field(reading, "published_on").origin == "address"


def test_the_signature_is_told_apart_from_the_other_dates() -> None:
    text = page(f"<h1>年报</h1>{PARAGRAPHS}<p>中村乡人民政府</p><p>2019年1月4日</p>")
    found = values(read_html(text))
    assert (found["signed_by"], found["signed_on"], found.get("written_on")) == (
        "中村乡人民政府",
        "2019-01-04",
        None,
    )


@pytest.mark.parametrize(
    ("printed", "day"),
    [
        ("2014-01-27 10:56:08", "2014-01-27"),
        ("2017年02月22日", "2017-02-22"),
        ("2018/3/26", "2018-03-26"),
        ("2021.01.05", "2021-01-05"),
        ("２０２１年１月５日", "2021-01-05"),
        ("二○一四年十二月二十二日", "2014-12-22"),
        ("二〇二〇年一月三十日", "2020-01-30"),
        ("20200130", "2020-01-30"),
        ("2020年2月30日", None),
        ("第2020-02-00018号", None),
        ("", None),
    ],
)
def test_dates_are_read_in_every_printed_shape(printed: str, day: str | None) -> None:
    assert day_of(printed) == day


def test_a_line_with_more_than_a_date_is_no_signature() -> None:
    assert not is_only_a_day("2019年1月4日起施行")


def test_years_are_found_in_both_scripts() -> None:
    assert years_of("二〇一六年度和2017年") == (2016, 2017)


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("113308810026305088/2014-128123", True),
        ("11341702486344515H/202110-00013", True),
        ("00826556-4/2018-12252", True),
        ("000014349/2017-00110", True),
        ("035210000/2025-00016", False),
        ("kysrmzf/2026-00017", None),
        ("2026-02-00018", None),
    ],
)
def test_index_numbers_prove_their_organ(number: str, holds: bool | None) -> None:  # noqa: FBT001  a table of cases
    assert index_checksum(number) is holds


def test_a_sound_document_number_is_left_alone() -> None:
    assert repaired_document_number("国发〔2019〕5号") == "国发〔2019〕5号"


def test_a_word_that_ends_like_a_label_is_none() -> None:
    assert pairs_in("统计数据来源：各县") == ()


def test_a_source_that_is_cut_short_is_completed_from_the_meta_tag() -> None:
    head = '<meta name="ContentSource" content="综合自县日报、县电视台、各乡镇">'
    reading = read_html(boxed("", head=head, below="<p>【来源：综合自县日报、县电...】</p>"))
    assert values(reading)["source"] == "综合自县日报、县电视台、各乡镇"


def test_a_source_that_the_meta_tag_does_not_continue_stays() -> None:
    head = '<meta name="ContentSource" content="省日报">'
    reading = read_html(boxed("", head=head, below="<p>来源：综合自县日报…</p>"))
    assert values(reading)["source"] == "综合自县日报…"
