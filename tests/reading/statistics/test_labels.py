"""Labels are matched on their words, in their place, and never on a hunch."""

import pytest

from archive.reading.statistics.labels import Labels, core, distance, ordinal


def key(labels: Labels, text: str, above: tuple[str, ...] = ()) -> str | None:
    row = labels.match(text, above).row
    return None if row is None else row.key


@pytest.mark.parametrize(
    ("printed", "words", "number"),
    [
        ("（一）收到申请数", "收到申请数", 1),
        ("(一)收到申请数:", "收到申请数", 1),
        ("（）予以公开", "予以公开", None),
        ("4﹒信函申请数", "信函申请数", 4),
        ("1专职人员数(不包括政府公报及政府网站工作人员数)", "专职人员数", 1),
        ("其中：1.同意公开答复数", "同意公开答复数", 1),
        ("３．危及“三安全一稳定”", "危及三安全一稳定", 3),
        ("(二)部分公开(区分处理的,只计这一情形,不计其他情形", "部分公开", 2),
        ("规范性文件(指各行政机关印发的有正式文号的文件)", "规范性文件", None),
        ("十一、其他", "其他", 10),
        ("商业\u3000企业", "商业企业", None),
        ("（本列数据的勾稽关系为：第一项加第二项）", "", None),
    ],
)
def test_words_and_numbering_are_told_apart(printed: str, words: str, number: int | None) -> None:
    assert core(printed) == words
    if number != 10:
        assert ordinal(printed) == number


def test_the_same_words_mean_the_row_of_the_parent_above() -> None:
    labels = Labels("f14", "")
    found = [
        key(labels, text)
        for text in (
            "四、行政复议数量",
            "（二）被依法纠错数",
            "五、行政诉讼数量",
            "（二）被依法纠错数",
        )
    ]
    assert found == ["review.total", "review.corrected", "litigation.total", "litigation.corrected"]


def test_without_a_parent_the_same_words_are_a_doubt() -> None:
    labels = Labels("f14", "")
    match = labels.match("（二）被依法纠错数")
    assert match.row is None
    assert match.doubt is not None


def test_an_unknown_heading_ends_the_context() -> None:
    labels = Labels("f14", "")
    key(labels, "四、行政复议数量")
    assert key(labels, "五、行政裁决与仲裁有关数量统计") is None
    assert key(labels, "（二）被依法纠错数") is None


def test_a_cell_that_spans_the_row_names_the_parent() -> None:
    labels = Labels("f21", "s3")
    above = ("三、本年度办理结果", "（六）其他处理")
    assert key(labels, "3.其他", above) == "s3.result.other.misc"


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("（一）维持具有行政行为或者驳回原告诉讼请求数", "litigation.upheld"),
        ("其中：主要负责同志参加政府网站在线访谈次", "response.channel.interview_leader"),
        ("3．政策解读稿件发布树", "response.channel.interpretation"),
        ("危及国家安全公共安全经济安全和社会稳定的", "request.reply.refused.security"),
    ],
)
def test_a_misprint_is_read_as_the_row_it_resembles_and_said(printed: str, wanted: str) -> None:
    labels = Labels("f14", "")
    assert key(labels, printed) == wanted


def test_a_misprint_is_told() -> None:
    assert "misprint" in (Labels("f14", "").match("3．政策解读稿件发布树").doubt or "")


def test_a_misprint_between_two_rows_is_settled_by_its_number_or_not_at_all() -> None:
    labels = Labels("f14", "")
    key(labels, "（二）通过不同渠道和方式公开政府信息的情况")
    assert key(labels, "3．政务微某公开政府信息数") == "proactive.channel.weibo"
    assert key(labels, "政务微某公开政府信息数") is None


@pytest.mark.parametrize("printed", ["9.属于工作秘密", "其他规定", "复议总计数", "x" * 500])
def test_what_is_no_row_is_not_taken_for_one(printed: str) -> None:
    assert key(Labels("f21", "s3"), printed) is None


def test_a_row_printed_twice_is_taken_once() -> None:
    labels = Labels("f14", "")
    key(labels, "六、举报投诉数量")
    match = labels.match("六、举报投诉数量")
    assert (match.row, match.doubt) == (None, "printed twice")


def test_distance_stops_counting_at_its_limit() -> None:
    assert distance("甲乙丙丁", "甲丙丁", 2) == 1
    assert distance("甲乙丙丁", "子丑寅卯", 2) == 3
