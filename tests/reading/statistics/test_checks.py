"""Each rule holds, is violated, or cannot be assessed; it never guesses."""

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.codebook.forms import form
from archive.codebook.rules import rules
from archive.model.reading import CellState, Check, CheckState, Figure
from archive.reading.statistics.checks import run_checks
from archive.reading.statistics.checks_years import check_years, compared_indicators
from archive.reading.statistics.prose import read_prose

HOLDS, VIOLATED = CheckState.HOLDS, CheckState.VIOLATED
UNKNOWN = CheckState.NOT_ASSESSABLE


def figure(name: str, key: str, value: int | None, applicant: str | None = None) -> Figure:
    return Figure(
        form=name,
        indicator=f"{name}.{key}" if key else None,
        label=key,
        applicant=applicant,
        value=None if value is None else Decimal(value),
        unit=None,
        printed="" if value is None else str(value),
        state=CellState.BLANK if value is None else CellState.GIVEN,
        where=f"table 1 {key}",
    )


def zeros(name: str) -> list[Figure]:
    """A report in which nothing happened: every rule holds."""
    found: list[Figure] = []
    for row in form(name).rows:
        if row.group or row.optional:
            continue
        applicants = [c.key for c in form(name).applicants] if row.part == "s3" else [None]
        keys = [f"{row.key}.{cell}" for cell in row.cells] or [row.key]
        found += [figure(name, key, 0, applicant) for key in keys for applicant in applicants]
    return found


def with_value(
    figures: list[Figure], key: str, value: int | None, applicant: str | None = None
) -> list[Figure]:
    state = CellState.BLANK if value is None else CellState.GIVEN
    number = None if value is None else Decimal(value)
    hits = 0
    made = []
    for one in figures:
        if (one.indicator or "").partition(".")[2] == key and one.applicant == applicant:
            one = replace(one, value=number, state=state, printed=str(value))  # noqa: PLW2901 - a changed copy
            hits += 1
        made.append(one)
    assert hits == 1
    return made


def check(figures: list[Figure], lines: tuple[str, ...] = (), year: int = 2016) -> list[Check]:
    name = figures[0].form if figures else None
    prose = read_prose(lines)
    found = run_checks(figures, prose, lines=lines, title=None, report_year=year, form=name)
    return list(found)


def states(checks: list[Check], rule: str, scope: str | None = None) -> set[CheckState]:
    return {c.state for c in checks if c.rule == rule and scope in (None, c.scope)}


@pytest.mark.parametrize("name", ["f14", "f19", "f21"])
def test_a_report_of_zeros_breaks_no_rule(name: str) -> None:
    checks = [c for c in check(zeros(name)) if c.rule not in ("R18", "R19", "R20", "R21")]
    assert {c.state for c in checks} == {HOLDS}
    assert {c.rule for c in checks} == {rule.id for rule in rules(name)}


BREAKS = [
    ("f21", "s3.carried_in", "natural", "R1", "natural"),
    ("f19", "s3.result.other.total", "total", "R2", "total"),
    ("f21", "s3.result.granted", "legal", "R2", "legal"),
    ("f21", "s3.result.granted", "legal", "R3", "s3.result.granted"),
    ("f21", "s4.lit_direct.pending", None, "R4", "lit_direct"),
    ("f14", "request.received.letter", None, "R8", ""),
    ("f14", "request.closed.extended", None, "R9", ""),
    ("f14", "request.reply.amend", None, "R10", ""),
    ("f14", "request.reply.refused.privacy", None, "R11", ""),
    ("f14", "review.other", None, "R12", "review"),
    ("f14", "litigation.other", None, "R12", "litigation"),
    ("f14", "org.staff.part_time", None, "R13", ""),
    ("f14", "response.channel.interview_leader", None, "R14", "interview"),
    ("f14", "proactive.normative_disclosed", None, "R15", ""),
    ("f14", "proactive.total", None, "R16", ""),
    ("f14", "request.closed.total", None, "R17", "closed"),
    ("f14", "request.closed.total", None, "R17", "reply"),
]


@pytest.mark.parametrize(("name", "key", "applicant", "rule", "scope"), BREAKS)
def test_one_cell_too_many_breaks_its_rule(
    name: str, key: str, applicant: str | None, rule: str, scope: str
) -> None:
    checks = check(with_value(zeros(name), key, 1, applicant))
    assert states(checks, rule, scope) == {VIOLATED}


@pytest.mark.parametrize(("name", "key", "applicant", "rule", "scope"), BREAKS)
def test_a_blank_cell_leaves_its_rule_open(
    name: str, key: str, applicant: str | None, rule: str, scope: str
) -> None:
    checks = check(with_value(zeros(name), key, None, applicant))
    assert states(checks, rule, scope) == {UNKNOWN}


def test_every_rule_of_the_codebook_has_a_case_that_breaks_it() -> None:
    broken = {rule for _, _, _, rule, _ in BREAKS}
    assert broken == {rule.id for name in ("f14", "f19", "f21") for rule in rules(name)}


def test_evidence_names_the_cells_with_what_is_printed() -> None:
    checks = check(with_value(zeros("f14"), "review.other", 3))
    found = next(c for c in checks if c.rule == "R12" and c.scope == "review")
    assert "review.other 3 (table 1 review.other)" in found.evidence
    assert "0 ≠ 0+0+3" in found.message


def test_a_row_the_codebook_does_not_know_may_be_what_the_total_counts() -> None:
    figures = with_value(zeros("f21"), "s3.result.total", 2, "natural")
    assert states(check(figures), "R2", "natural") == {VIOLATED}
    figures.append(figure("f21", "", 2, "natural"))
    assert states(check(figures), "R2", "natural") == {HOLDS}


def test_other_handling_printed_as_one_row_stands_for_its_members() -> None:
    figures = [f for f in zeros("f21") if "result.other" not in (f.indicator or "")]
    assert states(check(figures), "R2") == {UNKNOWN}
    figures += [figure("f21", "s3.result.other.total", 0, c.key) for c in form("f21").applicants]
    assert states(check(figures), "R2") == {HOLDS}


def test_prose_against_table() -> None:
    figures = with_value(zeros("f21"), "s3.new", 5, "total")
    assert states(check(figures, ("收到政府信息公开申请5件。",)), "R18", "requests_received") == {
        HOLDS
    }
    assert states(check(figures, ("收到政府信息公开申请6件。",)), "R18", "requests_received") == {
        VIOLATED
    }
    assert states(
        check(figures, ("收到申请6件。", "共收到申请5件。")), "R18", "requests_received"
    ) == {HOLDS}
    blank = with_value(figures, "s3.new", None, "total")
    assert states(check(blank, ("收到政府信息公开申请6件。",)), "R18", "requests_received") == {
        UNKNOWN
    }
    assert states(check(figures), "R18") == {UNKNOWN}


def test_a_fee_in_yuan_is_compared_with_wanyuan() -> None:
    figures = [replace(f, value=Decimal("0.03")) if f.indicator == "f14.fee_wanyuan" else f
               for f in zeros("f14")]  # fmt: skip
    checks = check(figures, ("依申请公开收取费用300元。",))
    assert states(checks, "R18", "request_fees") == {HOLDS}


def test_nothing_carried_over_against_section_three() -> None:
    said = ("本年收到的申请均已办结，无结转。",)
    assert states(check(zeros("f21"), said), "R19") == {HOLDS}
    figures = with_value(zeros("f21"), "s3.carried_out", 2, "total")
    assert states(check(figures, said), "R19") == {VIOLATED}
    assert states(check(figures), "R19") == {UNKNOWN}


def test_the_fee_must_be_spoken_of_in_section_six() -> None:
    heading = "六、其他需要报告的事项"
    assert states(check(zeros("f21"), (heading, "无收费。")), "R20") == {HOLDS}
    assert states(check(zeros("f21"), ("未收取信息处理费。",)), "R20") == {HOLDS}
    assert states(check(zeros("f21"), (heading, "无。")), "R20") == {VIOLATED}
    assert states(check(zeros("f21"), ("前言",)), "R20") == {UNKNOWN}


@pytest.mark.parametrize(
    ("title", "line", "wanted"),
    [
        ("2016年报告", "统计期限自2016年1月1日至12月31日。", HOLDS),
        ("2016年报告", "自2015年1月1日起至2016年12月31日", HOLDS),
        ("2016年报告", "自2015年1月1日至2015年12月31日", VIOLATED),
        ("2016年报告", "2015年度政府信息公开情况统计表", VIOLATED),
        ("2016年报告", "无", UNKNOWN),
        (None, "统计期限自2016年1月1日至12月31日。", UNKNOWN),
    ],
)
def test_one_year_everywhere(title: str | None, line: str, wanted: CheckState) -> None:
    found = run_checks([], (), lines=[line], title=title, report_year=None, form=None)
    assert [c.state for c in found if c.rule == "R21"] == [wanted]


def test_a_report_without_statistics_gets_no_sum_rules() -> None:
    found = run_checks([], (), lines=[], title=None, report_year=2012, form=None)
    assert [c.rule for c in found] == ["R21"]


def test_carried_over_from_the_year_before() -> None:
    before = with_value(zeros("f19"), "s3.carried_out", 3, "total")
    now = zeros("f21")
    found = list(check_years(before, now))
    assert {c.rule for c in found} == {"R5"}
    assert states(found, "R5", "total") == {VIOLATED}
    assert states(found, "R5", "natural") == {HOLDS}
    fixed = with_value(now, "s3.carried_in", 3, "total")
    assert states(list(check_years(before, fixed)), "R5") == {HOLDS}


def test_documents_in_force_follow_from_the_year_before() -> None:
    before = with_value(zeros("f21"), "s2.i1.normative.valid", 10)
    now = with_value(zeros("f21"), "s2.i1.normative.issued", 2)
    assert states(list(check_years(before, now)), "R6", "s2.i1.normative") == {VIOLATED}
    now = with_value(now, "s2.i1.normative.valid", 12)
    assert states(list(check_years(before, now)), "R6", "s2.i1.normative") == {HOLDS}
    now = with_value(now, "s2.i1.normative.valid", None)
    assert states(list(check_years(before, now)), "R6", "s2.i1.normative") == {UNKNOWN}


def test_numbers_of_items_follow_from_the_year_before() -> None:
    before = with_value(zeros("f19"), "s2.i5.license.delta", -2)
    assert states(list(check_years(before, zeros("f19"))), "R7", "s2.i5.license") == {VIOLATED}
    assert states(list(check_years(zeros("f19"), zeros("f19"))), "R7") == {HOLDS}


def test_forms_without_a_common_cell_are_not_compared() -> None:
    assert check_years(zeros("f14"), zeros("f21")) == ()


@pytest.mark.parametrize("before", ["f19", "f21"])
@pytest.mark.parametrize("now", ["f19", "f21"])
def test_the_indicators_compared_are_all_that_the_rules_between_years_ask_for(
    before: str, now: str
) -> None:
    """The ledger gives no others."""

    def few(name: str) -> list[Figure]:
        return [each for each in zeros(name) if each.indicator in compared_indicators()]

    assert check_years(few(before), few(now)) == check_years(zeros(before), zeros(now)) != ()
