"""What the demo portals truly say, and that their pages say it."""

import re
from collections import Counter
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from lxml import html

from archive.codebook.divisions import division
from crawler.demo.articles import paragraphs
from crawler.demo.forms import hole_list, tables
from crawler.demo.reports import changed, credit_code, organisation_code, places
from crawler.demo.site import Request, demo_site, generate_site

SITE = demo_site(1, 5, frozenset())
REPORTS = [portal.at(n) for portal in SITE.portals.values() for n in range(portal.count)]
WITH_TABLES = [known for known in REPORTS if known.figures]


def body(path, site=SITE):
    return site.answer(Request(target=path)).body


def text_of(known):
    charset = "gb18030" if known.url.startswith("/plain/") else "utf-8"
    return body(known.url).decode(charset)


def values(known, column=None):
    return {
        figure.indicator.partition(".")[2]: figure.value
        for figure in known.figures
        if figure.applicant == column and figure.value is not None
    }


def ids(known):
    return known.key


@pytest.mark.parametrize("known", REPORTS, ids=ids)
def test_a_report_is_found_at_its_url_under_its_title(known):
    assert known.title in text_of(known)


@pytest.mark.parametrize("known", WITH_TABLES, ids=ids)
def test_the_tables_print_the_true_figures_in_order(known):
    tree = html.document_fromstring(
        text_of(known).encode(), parser=html.HTMLParser(encoding="utf-8")
    )
    cells = [
        td.text_content()
        for table in tree.iter("table")
        if table.get("border") == "1"
        for td in table.iter("td")
    ]
    printed = [figure.printed for figure in known.figures]
    assert subsequence(printed, cells)


def subsequence(wanted, cells):
    rest = iter(cells)
    return all(any(cell == want for cell in rest) for want in wanted)


@pytest.mark.parametrize("known", [k for k in REPORTS if k.form in ("f19", "f21")], ids=ids)
def test_the_section_three_figures_hold_in_every_column(known):
    for column in ("natural", "business", "research", "charity", "legal", "other_org", "total"):
        v = values(known, column)
        results = [n for key, n in v.items() if re.match(r"s3\.result\.(?!total)", key)]
        assert sum(results) == v["s3.result.total"]
        assert v["s3.new"] + v["s3.carried_in"] == v["s3.result.total"] + v["s3.carried_out"]


@pytest.mark.parametrize("known", [k for k in REPORTS if k.form in ("f19", "f21")], ids=ids)
def test_the_section_three_total_is_the_sum_of_the_applicants(known):
    rows = Counter()
    for figure in known.figures:
        if figure.applicant is not None:
            rows[figure.indicator] += -figure.value if figure.applicant == "total" else figure.value
    assert set(rows.values()) == {0}


@pytest.mark.parametrize("known", [k for k in REPORTS if k.form == "f14"], ids=ids)
def test_the_2014_form_adds_up_but_where_it_is_said_not_to(known):
    v = values(known)
    channels = sum(n for key, n in v.items() if key.startswith("proactive.channel."))
    assert (v["proactive.total"] > channels) == ("R16" in known.violations)
    assert v["request.received.total"] == v["request.closed.total"] == v["request.reply.total"]


@pytest.mark.parametrize(("form", "cells"), [("f14", 58), ("f19", 198), ("f21", 200)])
def test_the_forms_are_complete(form, cells):
    assert len(list(hole_list(form))) == cells


def test_the_2014_table_has_all_its_rows():
    assert "".join(tables("f14")["14"].pieces).count("<tr>") == 66


def test_one_budget_cell_is_left_empty_on_purpose():
    blank = [
        figure.indicator for known in REPORTS for figure in known.figures if not figure.printed
    ]
    assert set(blank) == {"f14.org.budget_wanyuan"}


def test_every_kind_of_report_is_there():
    styles = {(known.form, known.style) for known in REPORTS}
    assert styles == {
        ("f08", "none"), ("f08", "bar"), ("f08", "line"), ("f14", "line"), ("f19", "table"),
        ("f21", "table"), ("summary", "table"), ("farm", "none"),
    }  # fmt: skip


def test_a_change_is_one_cell_of_one_report():
    before, after = text_lines(SITE), text_lines(demo_site(1, 5, frozenset({"trs-17"})))
    assert sum(one != other for one, other in zip(before, after, strict=True)) == 1


def text_lines(site):
    return [line for known in REPORTS for line in body(known.url, site).splitlines()]


def test_the_help_names_the_report_that_changes():
    """The examples of `show`, `history` and `diff` work over the demo's archive as printed."""
    commands = (Path(__file__).parents[3] / "docs" / "commands.md").read_text("utf-8")
    known = next(known for known in REPORTS if known.key == "trs-17")
    name = known.url.rpartition("/")[2]
    for command in ("show", "history", "diff"):
        assert f"example: gongkai {command} {name} " in commands


def test_a_change_keeps_the_sums():
    known = next(known for known in WITH_TABLES if known.form == "f21")
    touched = {
        new.indicator
        for old, new in zip(known.figures, changed(known).figures, strict=True)
        if old != new
    }
    assert touched == {"f21.s2.i1.normative.valid"}


def test_a_report_without_tables_cannot_be_changed():
    with pytest.raises(ValueError, match="no table cell"):
        changed(next(known for known in REPORTS if known.form == "farm"))


def test_the_same_seed_gives_the_same_site():
    again = demo_site(1, 5, frozenset())
    assert [body(k.url) for k in REPORTS] == [body(k.url, again) for k in REPORTS]


def test_another_seed_gives_other_figures():
    other = demo_site(2, 5, frozenset()).portals["trs"].at(17)
    assert other.figures != SITE.portals["trs"].at(17).figures


def test_index_numbers_carry_valid_check_characters():
    assert organisation_code("00826556") == "00826556-4"
    assert credit_code("330881", "00263050-8") == "113308810026305088"


def test_no_place_of_the_demo_exists_but_the_four_that_share_a_name():
    real = [each for each in places().values() if not each.division.startswith("99")]
    cities = [division(division(each.division).parent).name for each in real]
    assert cities == ["南京市", "徐州市", "开封市", "福州市"]
    assert {division(each.division).name for each in real} == {"鼓楼区"}


def test_namesakes_print_nothing_but_a_code_that_tells_them_apart():
    for key in ("nanjing", "xuzhou", "kaifeng", "fuzhou"):
        known = next(each for each in REPORTS if each.key == f"{key}-0")
        assert (known.agency, known.title[:7]) == ("鼓楼区人民政府", "鼓楼区2024")
        assert f"标识码：{places()[key].site_code}" in text_of(known)


def shingles(known):
    """The report's own paragraphs with masked digits, cut into runs of five characters."""
    lines = paragraphs(places()[known.key.partition("-")[0]], known)
    text = re.sub(r"<[^>]*>|\s|\d", "", "".join(each for each in lines if each.startswith("<p")))
    return {text[at : at + 5] for at in range(len(text) - 4)}


def alike(one, other):
    return len(one & other) / len(one | other)


def test_three_reports_copy_another_ones_words_and_no_other_does():
    known = [each for each in REPORTS if each.form == "f21"]
    cut = {each.key: shingles(each) for each in known}
    pairs = {
        (one.key, other.key)
        for one, other in combinations(known, 2)
        if alike(cut[one.key], cut[other.key]) >= 0.7
    }
    copies = {("trs-1", "trs-6"), ("trs-5", "hanweb-5"), ("nanjing-1", "fuzhou-1")}
    assert pairs == copies
    assert all(alike(cut[one], cut[other]) >= 0.9 for one, other in copies)


def test_a_copy_has_numbers_of_its_own():
    known = {each.key: each.own_words for each in REPORTS}
    assert known["trs-5"] != known["hanweb-5"]
    assert re.sub(r"\d", "", "".join(known["trs-5"])) == re.sub(
        r"\d", "", "".join(known["hanweb-5"])
    )


def test_some_counties_are_late_and_some_got_fewer_requests():
    counties = {
        (k.key.partition("-")[0], k.year): k
        for k in reversed(REPORTS)
        if k.agency[-4:] == "人民政府"
    }
    late = {
        key: (known.published_on - date(known.year + 1, 3, 31)).days
        for key, known in counties.items()
        if known.published_on > date(known.year + 1, 3, 31)
    }
    assert late == {("trs", 2023): 47, ("xuzhou", 2024): 1, ("xuzhou", 2023): 93}
    new = {
        key: values(counties[key], "total")["s3.new"] for key in counties if key[1] in (2022, 2023)
    }
    fewer = {key for key, year in new if year == 2023 and new[key, 2023] < new[key, 2022]}
    assert fewer == {"nanjing", "kaifeng", "fuzhou"}


def test_a_correction_is_a_page_of_its_own():
    report, correction = (
        k
        for k in REPORTS
        if k.key.startswith("trs-") and (k.agency, k.year) == ("澄溪县人民政府", 2022)
    )
    assert report.title == correction.title
    assert report.published_on < date(2023, 3, 31) < correction.published_on


@pytest.mark.parametrize("family", ["trs", "hanweb", "plain"])
def test_a_generated_site_has_distinct_reports_that_can_be_asked_for(family):
    site = generate_site(1_000, family)
    known = [site.portals[family].at(number) for number in range(0, 1_000, 37)]
    bodies = {body(one.url, site) for one in known}
    assert (len(bodies), len({one.title for one in known})) == (len(known), len(known))
