"""Sums that do not hold, marked in the table of the report."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.model.reading import Finding, Severity
from archive.search.index import open_indexed
from archive.web.doubts import anchor, difference, doubts, place_of
from tests.support.invented import DAY, YUNHE, Site, county, crawl, report, url
from tests.web.conftest import served

SUM = Finding(
    rule="R1", severity=Severity.WARNING, message="natural: 一 + 二 = 三（七）总计 + 四: 139+2 ≠ 138+1",
    evidence="s3.new.natural 139 (table 1 row 4 column 4); s3.carried_in.natural 2 (table 1 row 5 column 4); "
             "s3.result.total.natural 138 (table 1 row 10 column 4); s3.carried_out.natural 3 (table 1 row 11 column 4)",
)  # fmt: skip


def test_each_cell_of_a_violated_sum_is_named_and_the_last_one_bears_the_rule() -> None:
    found = doubts([replace(SUM, message="nothing about numbers"), SUM])
    assert sorted(found) == [(1, 4, 4), (1, 5, 4), (1, 10, 4), (1, 11, 4)]
    assert {each.rules for each in found.values()} == {("R1",)}
    assert found[1, 11, 4].sums == (("R1", 2),)
    assert found[1, 4, 4].sums == ()


@pytest.mark.parametrize(
    ("message", "by"),
    [("a ≤ b: 7240 > 39+1", 7200), ("a = b: 1.5+1 ≠ 3", Decimal("-0.5")), ("a: 3 = 3", None),
     ("12 rows are missing", None), ("a: 1.2.3 ≠ 4", None), ("a: + ≠ 4", None),
     ("s2.i1: 现行有效 = 上年现行有效 + 制发 - 废止: 54 and 53", 1)],
)  # fmt: skip
def test_a_violated_sum_says_by_how_much(message: str, by: Decimal | int | None) -> None:
    assert difference(replace(SUM, message=message)) == by


@given(st.text(max_size=80), st.text("0123456789.+-≠> :", max_size=80))
def test_no_message_breaks_it(evidence: str, message: str) -> None:
    doubts([replace(SUM, message="x: " + message, evidence=evidence)])


def test_only_places_in_tables_have_an_anchor() -> None:
    assert anchor(place_of("table 2 row 5 column 3")) == "t2r5c3"
    for where in ("line 12", "", None, "table x row 5 column 3"):
        assert anchor(place_of(where)) == ""


def test_the_page_marks_them_and_links_what_is_wrong(tmp_path: Path) -> None:
    reading = replace(report("云河县", 2021), findings=(SUM,), content_hash="c1:1")
    with open_indexed(tmp_path) as store:
        pages = county(YUNHE, "云河县", (2021,)) | {url(YUNHE, 2021): reading}
        crawl(store, Site(readings=pages), now=DAY)
        with served(store) as client:
            page = client.get("/page", params={"url": url(YUNHE, 2021)}).text
    assert page.count("doubted") == 4
    assert '<td id="t1r11c4" class="number doubted"' in page
    assert 'href="#finding-1"' in page
    assert 'id="finding-1"' in page
    assert "differs by 2" in page
