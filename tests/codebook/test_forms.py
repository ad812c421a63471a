"""The codebook has every row of the official forms and cannot contradict itself."""

from typing import Any

import pytest

from archive.codebook.forms import FORMS, CodebookError, form, load_form
from archive.codebook.indicators import indicators
from archive.codebook.rules import load_rules, rules

F14 = """proactive.total proactive.normative_disclosed proactive.normative_issued
proactive.channel.gazette proactive.channel.website proactive.channel.weibo
proactive.channel.wechat proactive.channel.other response.total response.channel.press_conf
response.channel.press_conf_leader response.channel.interview response.channel.interview_leader
response.channel.interpretation response.channel.weibo_wechat response.channel.other
request.received.total request.received.in_person request.received.fax request.received.online
request.received.letter request.closed.total request.closed.on_time request.closed.extended
request.reply.total request.reply.already_public request.reply.granted
request.reply.partly_granted request.reply.refused.total request.reply.refused.state_secret
request.reply.refused.trade_secret request.reply.refused.privacy request.reply.refused.security
request.reply.refused.not_gov_info request.reply.refused.other_legal
request.reply.not_this_organ request.reply.not_exist request.reply.amend
request.reply.other_route review.total review.upheld review.corrected review.other
litigation.total litigation.upheld litigation.corrected litigation.other complaints fee_wanyuan
org.agencies org.reading_points org.staff.total org.staff.full_time org.staff.part_time
org.budget_wanyuan training.meetings training.classes training.trainees""".split()
F14_GROUPS = "proactive proactive.channel response response.channel request org training".split()

S3 = """new carried_in result.granted result.partial
result.refused.state_secret result.refused.law_forbids result.refused.security_stability
result.refused.third_party result.refused.internal result.refused.process
result.refused.case_file result.refused.inquiry result.unable.not_held
result.unable.needs_creation result.unable.unclear result.not_processed.petition
result.not_processed.repeat result.not_processed.publication result.not_processed.massive
result.not_processed.reconfirm""".split()
S3_END = ["result.total", "carried_out"]
S3_F21 = [*S3, *(f"result.other.{k}" for k in ("no_amendment", "no_payment", "misc")), *S3_END]
S3_F19 = [*S3, "result.other.total", *S3_END]
S4 = [
    f"{suit}.{outcome}"
    for suit in ("review", "lit_direct", "lit_after_review")
    for outcome in ("upheld", "corrected", "other", "pending", "total")
]
S2_F21 = [f"i1.{row}.{key}" for row in ("rules", "normative") for key in
          ("issued", "repealed", "valid")] + [
    "i5.license.decisions", "i6.penalty.decisions", "i6.coercion.decisions",
    "i8.fee.amount_wanyuan"]  # fmt: skip
S2_F19 = (
    [f"i1.{row}.{key}" for row in ("rules", "normative") for key in
     ("made", "disclosed", "disclosed_total")]
    + [f"{row}.{key}" for row in ("i5.license", "i5.other_service", "i6.penalty", "i6.coercion")
       for key in ("prev_items", "delta", "decisions")]
    + ["i8.fee.prev_items", "i8.fee.delta", "i9.procurement.items", "i9.procurement.amount"]
)  # fmt: skip


def keys(name: str) -> list[str]:
    return [
        key.partition(".")[2]
        for key, found in indicators().items()
        if key.startswith(f"{name}.") and not found.optional
    ]


def test_f14_has_the_58_values_and_7_groups_of_its_65_rows_in_order() -> None:
    assert keys("f14") == F14
    assert [row.key for row in form("f14").rows if row.group] == F14_GROUPS
    assert (len(F14), len(form("f14").rows)) == (58, 65)


def test_f21_has_10_values_25_rows_for_7_applicants_and_15_cells() -> None:
    assert keys("f21") == [f"s2.{k}" for k in S2_F21] + [f"s3.{k}" for k in S3_F21] + [
        f"s4.{k}" for k in S4
    ]
    assert (len(S2_F21), len(S3_F21), len(form("f21").applicants), len(S4)) == (10, 25, 7, 15)


def test_f19_has_22_values_23_rows_and_15_cells() -> None:
    assert keys("f19") == [f"s2.{k}" for k in S2_F19] + [f"s3.{k}" for k in S3_F19] + [
        f"s4.{k}" for k in S4
    ]
    assert (len(S2_F19), len(S3_F19)) == (22, 23)


def test_f08_has_the_35_coded_rows_and_two_of_the_other_province() -> None:
    assert len(form("f08").rows) == 37
    assert "request.reply.refused.exempt6" in {row.key for row in form("f08").rows}


def test_applicants_have_the_exported_keys() -> None:
    wanted = ["natural", "business", "research", "charity", "legal", "other_org", "total"]
    for name in ("f19", "f21"):
        assert [column.key for column in form(name).applicants] == wanted


def test_every_row_says_where_it_was_seen_and_f14_rows_have_units() -> None:
    for name in FORMS:
        assert all(row.source for row in form(name).rows)
    assert all(row.unit for row in form("f14").rows if not row.group)


def test_parents_lead_to_the_top() -> None:
    for name in FORMS:
        for row in form(name).rows:
            steps, here = 0, row
            while here.parent is not None:
                here = form(name).row(here.parent)
                steps += 1
            assert steps <= 4


def test_an_unknown_form_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        form("f99")


ROW = {"key": "a", "label": "甲", "source": "s"}
GOOD: dict[str, Any] = {
    "form": "x", "title": "t", "marks": [], "sources": {"s": "seen"}, "rows": [ROW],
}  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [[ROW, ROW], [{**ROW, "parent": "b"}], [{**ROW, "source": "z"}], [{**ROW, "cells": ["c"]}]],
    ids=["key twice", "no such parent", "no such source", "no such cell"],
)
def test_a_codebook_that_contradicts_itself_is_refused(rows: list[dict[str, Any]]) -> None:
    assert load_form(GOOD).rows[0].label == "甲"
    with pytest.raises(CodebookError):
        load_form({**GOOD, "rows": rows})


def test_rules_name_existing_cells_only() -> None:
    assert [rule.id for rule in rules("f14")] == (
        ["R8", "R9", "R10", "R11", "R12", "R12", "R13", "R14", "R14", "R15", "R16", "R17", "R17"]
    )
    bad = {"id": "R99", "forms": ["f14"], "text_en": "a", "text": "", "left": ["x"], "right": ["y"],
           "strength": "soft", "source": "s"}  # fmt: skip
    with pytest.raises(CodebookError):
        load_rules({"sources": {"s": "seen"}, "rules": [bad]})
