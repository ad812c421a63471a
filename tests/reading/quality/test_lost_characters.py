"""Characters lost before a text came to us: every possible reading is named, none is chosen."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.reading.quality.lost_characters import candidates, lost_characters
from tests.reading.pages import FOOT, page, read_html


def evidence(*lines: str) -> str:
    return " | ".join(finding.evidence for finding in lost_characters(lines))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("截至2014123，信息量共10780条。", "截至2014123 → 2014-01-23 or 2014-12-03"),
        ("2021926", "2021926 → 2021-09-26"),
        ("自201711日至1231日", "201711日 → 2017-01-01; 1231日 → 12-31"),
        ("2017年625日召开会议", "625日 → 06-25"),
        ("加大培训力度，624举办了培训班", "624 → 06-24"),
        ("转发琼府办〔201451号文件", "转发琼府办〔201451号 → 转发琼府办〔2014〕51号"),
    ],
)
def test_a_date_or_number_without_its_characters_is_told(line: str, told: str) -> None:
    assert evidence(line) == told


@pytest.mark.parametrize(
    "line",
    [
        "截至2014年12月3日，共10780条。",
        "公开信息2014123条。",
        "在2014123件信息中",
        "联系电话：2023123",
        "截至20141203",
        "由90日延长至120日",
        "琼府办〔2014〕51号",
        "指标\t2014123",
    ],
)
def test_whole_dates_counts_and_telephones_are_no_doubt(line: str) -> None:
    assert lost_characters([line]) == ()


def test_empty_heads_are_numbered_by_their_place() -> None:
    lines = [
        "二、做法",
        "()强化领导。",
        "（）突出重点。",
        "(三)培训。",
        "()监督。",
        "三、计划",
        "()完善。",
    ]
    told = [piece.split(" → ")[1] for piece in evidence(*lines).split("; ")]
    assert told == ["（一）", "（二）", "（四）", "（一）"]


def test_the_text_itself_stays_as_printed() -> None:
    body = "<h1>2014年政府信息公开工作总结</h1><div id='zoom'><p>截至2014123，全县主动公开政府信息10780条，其中概况类信息528条。</p><p>()强化领导，完善机制，明确责任，狠抓落实。</p></div>"
    reading = read_html(page(body + FOOT))
    rules = [f.rule for f in reading.findings]
    assert (reading.lines[0][:9], reading.lines[1][:2], rules.count("lost_characters")) == (
        "截至2014123",
        "()",
        2,
    )


def test_qiongzhong_2014_names_both_days(shared) -> None:
    from tests.reading.test_seeds import as_text

    told = [f.evidence for f in as_text(shared, "000").findings if f.rule == "lost_characters"]
    assert "截至2014123 → 2014-01-23 or 2014-12-03" in told[0]


@given(st.text("0123456789年月日至自截(（)）〔号一", max_size=400))
@settings(max_examples=100, deadline=None)
def test_any_line_is_taken(line: str) -> None:
    assert all(finding.evidence for finding in lost_characters([line]))


@given(st.dates())
@settings(max_examples=60)
def test_the_true_day_is_always_among_the_candidates(day) -> None:
    assert day.isoformat() in candidates(f"{day.year:04d}", f"{day.month}{day.day}")
