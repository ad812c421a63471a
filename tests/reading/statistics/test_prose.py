"""Numbers in prose are found with what they count, and other numbers are not."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.codebook.prose import prose_words
from archive.model.content import squeezed
from archive.model.reading import CellState, Period
from archive.reading.statistics.prose import read_prose


def stated(line: str, year: int | None = None) -> dict[str, Decimal]:
    return {found.concept: found.value for found in read_prose(line.split("\n"), year=year)}


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("全年共收到政府信息公开申请23件，已全部答复。", {"requests_received": 23}),
        ("本年度新收政府信息公开申请１，２０３件", {"requests_received": 1203}),
        ("共受理公民、法人依申请公开政府信息9件。", {"requests_received": 9}),
        ("共收到23件政府信息公开申请。", {"requests_received": 23}),
        ("受理政府信息公开申请三件。", {"requests_received": 3}),
        ("收到政府信息公开申请，共5件。", {"requests_received": 5}),
        ("上年结转4件，结转下年度继续办理2件。", {"requests_carried_in": 4, "requests_carried_out": 2}),
        ("收到申请95件（其中当面申请3件，网络申请92件）",
         {"requests_received": 95, "requests_in_person": 3, "requests_online": 92}),
        ("收到申请24件，结转上年度申请2件", {"requests_received": 24, "requests_carried_in": 2}),
        ("收到申请12件，办结11件，答复10件。",
         {"requests_received": 12, "requests_closed": 11, "requests_answered": 10}),
        ("申请的答复情况如下，其中同意公开答复17条，其它公开答复2条", {"requests_granted": 17}),
        ("在已答复的9件申请中，“同意公开”的4件、“同意部分公开”2件、“不予公开”的1件",
         {"requests_answered": 9, "requests_granted": 4, "requests_partly_granted": 2,
          "requests_refused": 1}),
        ("收到申请3件。其中，信息不存在1件，非本机关政府信息2件",
         {"requests_received": 3, "requests_not_exist": 1, "requests_not_this_organ": 2}),
        ("收到申请12件，予以公开9，部分公开3。",
         {"requests_received": 12, "requests_granted": 9, "requests_partly_granted": 3}),
        ("通过网站、公开栏等途径主动公开信息310条。", {"information_disclosed": 310}),
        ("通过政府网站主动公开信息200条", {"disclosed_on_website": 200}),
        ("政务微博公开信息30条，微信公众号推送信息40条，微博微信公开信息70条",
         {"disclosed_on_weibo": 30, "disclosed_on_wechat": 40, "disclosed_on_new_media": 70}),
        ("主动公开政府信息9条，其中机构职能类4条，其他类5条",
         {"information_disclosed": 9, "disclosed_of_a_kind": 5}),
        ("全年制发行政规范性文件6件。", {"normative_issued": 6}),
        ("行政复议3起，其中维持2起，纠正1起。",
         {"reviews": 3, "reviews_upheld": 2, "reviews_corrected": 1}),
        ("行政复议维持2件", {"reviews_upheld": 2}),
        ("发生2起因政府信息公开引起的行政复议", {"reviews": 2}),
        ("行政诉讼5件，驳回4件，尚未审结1件。",
         {"litigation": 5, "litigation_upheld": 4, "litigation_pending": 1}),
        ("行政诉讼7起，驳回原告诉讼请求数6件", {"litigation": 7, "litigation_upheld": 6}),
        ("收取信息处理费300元。", {"request_fees": 300}),
        ("依申请公开收取的费用（检索费、邮寄费等）为0元", {"request_fees": 0}),
        ("配备1名专职人员、2名兼职人员", {"staff_full_time": 1, "staff_part_time": 2}),
        ("专职人员1名和兼职人员2名", {"staff_full_time": 1, "staff_part_time": 2}),
        ("举办政务公开培训班2期，培训82人次", {"trainings": 2, "trainees": 82}),
        ("网站访问量达35.6万人次", {"website_visits": 356000}),
        ("接受咨询70人次，其中电话咨询50人次", {"inquiries": 70, "inquiries_by_phone": 50}),
        ("办理人大代表建议23件，政协提案答复40件", {"suggestions": 23, "proposals": 40}),
        ("办理人大建议和政协提案43件", {"suggestions_and_proposals": 43}),
        ("设立1个政府信息公开查阅点", {"reading_points": 1}),
        ("发布政策解读稿5篇，在线访谈2次", {"policy_explanations": 5, "online_interviews": 2}),
    ],
)  # fmt: skip
def test_a_number_is_read_with_what_it_counts(line: str, wanted: dict[str, int]) -> None:
    assert stated(line) == {concept: Decimal(number) for concept, number in wanted.items()}


@pytest.mark.parametrize(
    ("line", "concepts"),
    [
        ("未发生因政府信息公开申请行政复议、提起行政诉讼的情况", {"reviews", "litigation"}),
        ("没有因政府信息公开申请行政复议、提起行政诉讼和申诉的情况发生", {"reviews", "litigation"}),
        ("我局未收到政府信息公开申请", {"requests_received"}),
        ("没有依申请公开政府信息和不予公开政府信息的办理事项",
         {"requests_received", "requests_refused"}),
        ("2024年未收取信息处理费", {"request_fees"}),
        ("政府信息公开均为免费项目", {"request_fees"}),
        ("收到的申请均已按时办结", {"requests_carried_out"}),
        ("没有需要结转的申请", {"requests_carried_out"}),
        ("未收到网民留言、咨询及投诉", {"inquiries"}),
    ],
)  # fmt: skip
def test_a_statement_of_none_is_zero_and_says_so(line: str, concepts: set[str]) -> None:
    found = read_prose([line])
    assert {one.concept for one in found} == concepts
    assert {one.state for one in found} == {CellState.STATED_NONE}
    assert {one.value for one in found} == {Decimal(0)}


@pytest.mark.parametrize(
    "line",
    [
        "上半年收到政府信息公开申请9件",
        "收到政府信息公开申请比上年增长9件",
        "收到12345热线申请33件",
        "全年共受理行政复议案件230件，办结200件",
        "收到行政许可申请1200件，全部办结",
        "区政府办代表区政府办理依申请公开17件",
        "收到申请5万余件",
        "主动公开政府信息1600多条，公开信息近500条",
        "自收到申请之日起15个工作日内予以答复",
        "根据第20条，行政复议法第5章",
        "按照《条例》第9至12条主动公开信息",
        "（一）收到申请数\t件\t5",
        "收到申请" + "很" * 3000 + "5件",
        "经复议后起诉2件",
        "行政权力事项目录清单总计1445项",
        "联系电话：0598-8340032，电子邮箱",
        "未发现违规收费",
        "没有申请人",
    ],
)
def test_other_numbers_are_left_alone(line: str) -> None:
    assert stated(line) == {}


@pytest.mark.parametrize(
    ("line", "periods"),
    [
        ("主动公开信息41条，历年累计主动公开信息398条", ["year", "cumulative"]),
        ("自2008年以来，共收到申请12件，其中网络申请3件", ["cumulative", "cumulative"]),
        ("截至2014年12月3日，门户网主动公开信息量共780条。其中，人事类信息3条。",
         ["cumulative", "cumulative"]),
        ("2025年，政府网站累计主动公开信息130条（较2024年增长145%），微信公众号发布信息4条",
         ["year", "year"]),
        ("累计主动公开信息398条", []),
        ("今年以来，主动公开信息398条", ["year"]),
    ],
)  # fmt: skip
def test_what_counts_from_the_beginning_is_told_from_the_year(
    line: str, periods: list[str]
) -> None:
    assert [found.period for found in read_prose([line], year=2025)] == [*map(Period, periods)]


def test_numbers_of_another_year_are_left_out() -> None:
    assert stated("2012年收到申请5件，2013年收到申请8件。", 2013) == {"requests_received": 8}


def test_kinds_below_a_heading_belong_to_it() -> None:
    lines = "主动公开政府信息9条，其中：\n机构职能类4条；\n其他类5条。"
    found = read_prose(lines.split("\n"))
    assert [(one.concept, int(one.value), one.line) for one in found] == [
        ("information_disclosed", 9, 1),
        ("disclosed_of_a_kind", 4, 2),
        ("disclosed_of_a_kind", 5, 3),
    ]


def test_the_sentence_and_its_place_are_kept() -> None:
    line = "　前言。本年收到公开申请 １，２０７ 件 ；其余无。后话。"
    found = read_prose(["前言。", line])[0]
    assert (found.sentence, found.line) == ("本年收到公开申请 １，２０７ 件", 2)
    assert (found.printed, found.unit, found.value) == ("１，２０７ 件", "件", 1207)
    assert line[found.start :].startswith(found.sentence)
    assert found.sentence[found.at :].startswith(found.printed)


_PIECES = st.sampled_from(
    ["收到", "申请", "主动公开", "信息", "政府信息公开", "行政复议", "诉讼", "维持", "其中", "未", "没有", "费用", "元",
     "12", "３", "1,203", "十", "两", "件", "条", "人次", "万", "，", "。", "；", "、", "（", "）", "：", " ", "　", "①", "㎡",
     "累计", "2013年", "以来", "类", "网站", "咨询", "培训", "#", "…", "e\u0301", "\u202e", "|", "\t"]
)  # fmt: skip


@given(st.lists(st.lists(_PIECES, max_size=30).map("".join), max_size=6))
def test_no_number_is_invented(lines: list[str]) -> None:
    for one in read_prose(lines, year=2013):
        line = lines[one.line - 1]
        assert line[one.start : one.start + len(one.sentence)] == one.sentence
        assert one.sentence[one.at : one.at + len(one.printed)] == one.printed
        assert one.printed
        digits = "".join(filter(str.isdigit, squeezed(one.printed)))
        if one.state is CellState.STATED_NONE:
            assert one.value == 0
        elif digits and "万" not in one.printed:
            assert Decimal(digits) == one.value


@pytest.mark.parametrize(
    "unit",
    ["收到申请5件，", "维持3件", "1条", "主动公开信息", "其中5类信息1条；", "未收到", "2013年以来", "（）：", "申请1件、", "十", "1,203",
     "累计1件", "费用"],
)  # fmt: skip
def test_a_line_takes_time_in_proportion_to_its_length(unit: str) -> None:
    def seconds(length: int) -> float:
        lines = [unit * (length // len(unit))]
        begun = time.thread_time()
        read_prose(lines)
        return time.thread_time() - begun

    seconds(2_000)
    short = min(seconds(4_000) for _ in range(3))
    assert min(seconds(16_000) for _ in range(2)) < max(10 * short, 0.05)


def test_every_fact_names_words_or_looks_at_its_topic() -> None:
    """Without a word that must be there, each pattern would be tried on each number."""
    words = prose_words()
    assert all(fact.words for facts in words.facts.values() for fact in facts)
    assert all(fact.words for fact in words.none)
