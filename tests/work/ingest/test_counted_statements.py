"""What prose says counts where no table of the report that speaks has the concept."""

from dataclasses import replace
from decimal import Decimal

import pytest

from archive.model.outcome import Outcome
from archive.model.reading import CellState
from archive.reading.statistics.prose import read_prose
from archive.store import Store
from archive.work.ingest.current_reports import choose_current_reports
from tests.store import conftest as ledgers
from tests.store.making import a_figure, a_reading
from tests.work.ingest.test_current_reports import JIASHAN, crawl, rows

# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store


def prose(*lines: str, **changes):
    """A report on 2012 of one body."""
    stated = read_prose(lines, year=2012)
    return a_reading(
        title="2012年政府信息公开工作年度报告", lines=lines, statements=stated, publisher=JIASHAN,
        report_year=2012, **changes,
    )  # fmt: skip


def counted(store: Store) -> set[tuple[object, ...]]:
    return {
        (r["concept"], float(r["value"]), r["unit"], r["state"], r["certainty"], r["form"],
         r["indicator"], r["applicant"])
        for r in rows(store)
    }  # fmt: skip


def test_a_report_with_prose_alone_speaks_with_it(store):
    crawl(store, {"js": prose("收到申请12件。", "未发生行政复议。", "接受咨询70人次。")})
    assert choose_current_reports(store) == 1
    given = ("requests_received", 12.0, "件", "given", "prose", None, None, None)
    none = ("reviews", 0.0, "件", "stated_none", "prose", None, None, None)
    assert counted(store) == {given, none}, "no form counts inquiries"
    row = rows(store)[0]
    assert (row["body"], row["division"], row["report_year"]) == ("嘉善县人民政府", "330421", 2012)
    assert row["url"] == "http://js.example/"


def test_where_a_table_counts_the_concept_prose_is_not_counted(store):
    table = a_figure("f14.request.received.total", "11", Decimal(11), CellState.GIVEN)
    table = replace(table, form="f14", applicant=None)
    crawl(store, {"js": prose("收到申请12件，主动公开信息9条。", figures=(table,))})
    choose_current_reports(store)
    assert {(r["concept"], r["certainty"], int(r["value"])) for r in rows(store)} == {
        ("requests_received", "table", 11),
        ("information_disclosed", "prose", 9),
    }


def test_a_cell_without_a_number_speaks_too(store):
    """Blank is not zero, and not what the prose says either."""
    blank = replace(a_figure("f21.s3.new", "", None, CellState.BLANK))
    crawl(store, {"js": prose("收到申请12件。", figures=(blank,))})
    choose_current_reports(store)
    assert [(r["certainty"], r["value"]) for r in rows(store)] == [("table", None)]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("收到申请12件。", "共收到申请12件。"), [12]),
        (("收到申请12件。", "全县共收到申请50件。"), []),
        (("未收到申请。", "共收到申请12件。"), []),
        (("历年累计收到申请50件。", "收到申请12件。"), [12]),
        (("自2008年以来收到申请50件。",), []),
    ],
)
def test_prose_counts_once_and_only_where_it_agrees(store, lines, wanted):
    crawl(store, {"js": prose(*lines)})
    choose_current_reports(store)
    assert [r["value"] for r in rows(store)] == wanted


def test_fees_are_counted_in_the_unit_of_the_form(store):
    crawl(store, {"js": prose("收取信息处理费300元。")})
    choose_current_reports(store)
    assert counted(store) == {("request_fees", 0.03, "万元", "given", "prose", None, None, None)}


def test_body_year_and_number_are_a_key(store):
    crawl(
        store,
        {
            "js": prose("收到申请12件，其中网络申请3件。主动公开信息9条。"),
            "other": prose("收到申请12件。收到申请12件。"),
        },
    )
    choose_current_reports(store)
    keys = [(r["body_id"], r["report_year"], r["indicator"], r["applicant"], r["concept"])
            for r in rows(store)]  # fmt: skip
    assert len(keys) == len(set(keys)) > 0
    assert len({r["url"] for r in rows(store)}) == 1


def test_a_better_reading_takes_the_place_of_what_was_counted(store):
    crawl(store, {"js": prose("收到申请12件。")})
    choose_current_reports(store)
    better = replace(prose("收到申请12件。"), reader_version="r2", statements=())
    crawl(store, {"js": better}, Outcome.CHANGED)
    choose_current_reports(store)
    assert rows(store) == []
