"""table, compare and the narrowed export as people type them; the six questions that they answer."""

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from pyarrow import parquet

from archive.cli import main, table_arguments
from archive.store import Store
from archive.work.query.series import KINDS
from archive.work.query.table import BY
from tests.support import counted
from tests.support.counted import CHONGCHUAN, JIASHAN, RUDONG, TAX
from tests.support.engines import ENGINES, ledger_on

Run = Callable[..., str]


@pytest.fixture(scope="module", params=ENGINES)
def ledger(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """One filled archive for all that only reads it, on each engine."""
    with ledger_on(request.param, tmp_path_factory.mktemp("home")) as place:
        with Store.open(place) as store:
            counted.fill(store)
        yield place


@pytest.fixture
def home(ledger: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of the archive; a database is named by the environment."""
    if "://" not in ledger:
        return ledger
    monkeypatch.setenv("GONGKAI_DATABASE_URL", ledger)
    return str(tmp_path)


@pytest.fixture
def print_of(home: str, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str, status: int = 0) -> str:
        assert main([*words, "--home", home]) == status
        streams = capsys.readouterr()
        return streams.out if status == 0 else streams.err

    return run


@pytest.fixture
def json_of(print_of: Run) -> Callable[..., list[dict[str, object]]]:
    return lambda *words: json.loads(print_of(*words, "--json"))


def in_sql(ledger: str, query: str) -> list[tuple[object, ...]]:
    with Store.open(ledger, read_only=True) as store, store.read() as connection:
        return list(map(tuple, connection.exec_driver_sql(query)))


def test_which_counties_answered_fewer_requests_in_2023_than_in_2022(ledger, json_of):
    rows = json_of(
        "table", "requests_answered", "--kind", "government", "--level", "county",
        "--from", "2022", "--to", "2023", "--change", "down",
    )  # fmt: skip
    found = [(row["place"], row["first"], row["last"], row["change"]) for row in rows]
    assert found == [("崇川区", 104, 82, -22), ("嘉善县", 60, 50, -10)]
    query = """
        SELECT b.place, a.value, b.value, b.value - a.value
        FROM figures_current a JOIN figures_current b USING (body_id, concept)
        WHERE concept = 'requests_answered' AND a.report_year = 2022 AND b.report_year = 2023
            AND b.kind = 'government' AND b.level = 'county' AND b.value < a.value
        ORDER BY b.value - a.value"""
    assert in_sql(ledger, query) == found


def test_a_change_is_cited_with_both_reports_and_of_places_too(json_of):
    words = ("--from", "2022", "--to", "2023", "--change", "up")
    [row] = json_of("table", "requests_answered", *words)
    assert (row["body"], row["change"]) == (RUDONG.name, 1)
    assert (row["first_url"][-4:], row["last_url"][-4:]) == ("2022", "2023")
    rows = json_of("table", "requests_answered", "--by", "place", *words)
    assert [(row["place"], row["change"]) for row in rows] == [("如东县", 1)]


def test_how_many_reviews_by_county_and_year(ledger, json_of):
    rows = json_of(
        "table", "行政复议数", "--by", "place", "--kind", "government", "--level", "county"
    )
    found = [(row["place"], row["report_year"], row["value"]) for row in rows]
    assert found == [
        ("崇川区", 2018, 3), ("崇川区", 2022, 5), ("如东县", 2022, 0), ("嘉善县", 2022, 7),
        ("崇川区", 2023, 4), ("如东县", 2023, None), ("嘉善县", 2023, 9),
    ]  # fmt: skip
    query = """
        SELECT place, report_year, sum(value) FROM figures_current
        WHERE concept = 'reviews' AND kind = 'government' AND level = 'county'
        GROUP BY place, report_year"""
    assert set(in_sql(ledger, query)) == set(found)


def test_sums_tell_of_how_many_bodies_they_are(json_of, print_of):
    [row] = json_of("table", "reviews", "--by", "year", "--from", "2023", "--kind", "all")
    assert (row["value"], row["bodies"], row["lacking"]) == (13, 2, 2)
    out = print_of("table", "reviews", "--by", "year", "--from", "2023")
    assert "2023 bodies" in out


def test_a_row_of_a_long_table_is_cited(json_of):
    [row] = json_of("table", "reviews", "--from", "2023", "--division", "崇川区")
    assert (row["body"], row["value"]) == (CHONGCHUAN.name, 4)
    assert row["url"].endswith("/2023")
    assert (row["version"], row["captured_at"]) == (1, "2026-11-22T08:00:00.000000Z")
    assert row["content_hash"]


def test_a_wide_table_has_a_column_a_year_and_several_indicators_name_theirs(json_of, print_of):
    several = ("table", "reviews", "requests_answered", "--kind", "all", "--from", "2022")
    rows = json_of(*several, "--wide")
    by_body = {row["body"]: row for row in rows}
    assert by_body[JIASHAN.name]["reviews 2022"] == 7
    assert by_body[RUDONG.name]["requests_answered 2023"] == 41
    assert by_body[TAX.name]["requests_answered 2023"] == 6
    assert "2022  2023" in print_of("table", "reviews", "--from", "2022")
    apart = print_of(*several).split("\n\n")
    assert [each.splitlines()[0] for each in apart] == ["reviews", "requests_answered"]
    assert [each.splitlines()[1].split()[-2:] for each in apart] == [["2022", "2023"]] * 2
    assert (TAX.name in apart[0], TAX.name in apart[1]) == (False, True)


def test_applicants_and_indicators_of_one_form(json_of):
    rows = json_of("table", "requests_received", "--applicant", "natural")
    assert [(row["report_year"], row["value"]) for row in rows] == [(2022, 90), (2023, 80)]
    assert [row["value"] for row in json_of("table", "f14.org.budget_wanyuan")] == [1.25]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("form", ["--wide", "--long"])
def test_every_kind_of_table_is_written_to_every_format(print_of, tmp_path, by, form):
    for ending in ("csv", "jsonl", "parquet", "xlsx"):
        path = tmp_path / f"table.{ending}"
        print_of("table", "reviews", "litigation", "--by", by, form, "-o", str(path))
        assert path.stat().st_size > 0
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    read = parquet.read_table(tmp_path / "table.parquet")
    sheet = openpyxl.load_workbook(tmp_path / "table.xlsx").worksheets[0]
    assert read.num_rows == len(rows) == sheet.max_row - 1
    assert read.column_names == list(rows[0])


def test_the_choices_of_the_parser_are_those_of_the_work():
    assert (table_arguments.BY, table_arguments.KINDS) == (BY, KINDS)


def test_governments_are_counted_where_no_kind_is_named(json_of, capsys, home):
    asked = ("table", "requests_answered", "--from", "2023")
    assert json_of(*asked) == json_of(*asked, "--kind", "government")
    named = {row["body"] for row in json_of(*asked, "--kind", "all")}
    assert named - {row["body"] for row in json_of(*asked)} == {TAX.name}
    for words, is_said in (((), True), (("--kind", "all"), False)):
        assert main([*asked, *words, "--home", home]) == 0
        assert ("--kind all" in capsys.readouterr().err) is is_said


def test_namesakes_are_told_apart_in_print(tmp_path, capsys):
    drum = [counted.government("鼓楼区人民政府", code) for code in ("320106", "320302")]
    with Store.open(tmp_path) as store:
        counted.fill(store, {(body, 2022): {"f21.s4.review.total": "1"} for body in drum})
    assert main(["table", "reviews", "--home", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()[1:]
    assert [each.split()[0] for each in lines] == ["南京市鼓楼区人民政府", "徐州市鼓楼区人民政府"]


def test_the_list_has_concepts_and_indicators(json_of):
    found = {row["key"]: row for row in json_of("table", "--list")}
    assert found["reviews"]["forms"] == "f08 f14 f19 f21"
    assert found["f21.s3.new"]["concept"] == "requests_received"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["table", "reviws"], "did you mean reviews"),
        (["table"], "table --list"),
        (["table", "reviews", "--from", "2024", "--to", "2020"], "--from 2024 is after --to 2020"),
        (["compare", "崇川区", "--from", "2024", "--to", "2020"], "--from 2024 is after --to 2020"),
        (["coverage", "--from", "2024", "--to", "2020"], "--from 2024 is after --to 2020"),
        (
            ["search", "复议", "--from", "2025", "--to", "2024"],
            "--from 2025-01-01 is after --to 2024",
        ),
        (["table", "reviews", "--division", "崇川县"], "did you mean 崇川区 (320613)?"),
        (["table", "reviews", "--division", "鼓楼"], "鼓楼区 (320106), 鼓楼区 (320302)"),
        (["late", "--division", "鼓楼"], "鼓楼区 (320106), 鼓楼区 (320302)"),
        (["table", "reviews", "--applicant", "natural"], "leave --applicant out"),
        (["table", "reviews", "--from", "2023", "--change", "up"], "from one year to a later one"),
        (["table", "reviews", "litigation", "--change", "up"], "one indicator"),
        (
            [
                "table",
                "reviews",
                "--by",
                "year",
                "--from",
                "2022",
                "--to",
                "2023",
                "--change",
                "up",
            ],
            "of bodies or places",
        ),
        (["table", "reviews", "-o", "reviews.doc"], "the ending says the format"),
        (["compare", "嘉善"], "330421 嘉善县税务局"),
        (["compare", "嘉扇县"], "did you mean"),
        (["compare", "xxxx"], "gongkai export bodies"),
        (["compare", "999"], "no public body has the number 999"),
        (["compare", "\u202e\0"], "no public body is called"),
        (["compare", "崇川区", "--indicator", "nothing"], "no concept or indicator"),
        (["compare", *["崇川区"] * 21], "at most 20"),
        (["compare", "330421 崇川区"], "did you mean '320613 崇川区人民政府'"),
        (["export", "runs", "-o", "-", "--year", "2023"], "documents"),
        (["export", "findings", "-o", "-", "--portal", "x"], "it is in documents"),
        (["export", "figures", "-o", "-", "--indicator", "reviws"], "did you mean reviews"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_may_be(print_of, words, said):
    assert said in print_of(*words, status=2)


def test_an_empty_archive_says_that_there_is_nothing(tmp_path, capsys):
    Store.open(tmp_path).close()
    for words in (["table", "reviews"], ["table", "reviews", "--by", "province"]):
        assert main([*words, "--home", str(tmp_path)]) == 0
        streams = capsys.readouterr()
        assert streams.out == ""
        assert "coverage" in streams.err
    assert main(["compare", "崇川区", "--home", str(tmp_path)]) == 2


def test_bodies_stand_side_by_side_over_the_years(print_of, json_of):
    out = print_of("compare", "崇川区", "320623 政府", "--indicator", "reviews", "--from", "2022")
    head, *lines = out.splitlines()
    assert head.split() == ["indicator", "year", CHONGCHUAN.name, RUDONG.name]
    assert [line.split() for line in lines] == [
        ["reviews", "2022", "5", "0"],
        ["reviews", "2023", "4", "no", "number"],
    ]
    rows = json_of("compare", "崇川区", "--indicator", "reviews", "--from", "2022")
    assert [(row["value"], row["version"]) for row in rows] == [(5, 1), (4, 1)]


def test_a_year_without_a_report_is_told_from_one_without_the_number(print_of, json_of):
    out = print_of("compare", "崇川区", "--indicator", "litigation")
    lines = {line.split()[1]: line.split()[2:] for line in out.splitlines()[1:]}
    assert (lines["2019"], lines["2023"]) == (["no", "report"], ["no", "number"])
    out = print_of("compare", "崇川区", "--indicator", "f21.s4.review.total")
    lines = {line.split()[1]: line.split()[2:] for line in out.splitlines()[1:]}
    assert (lines["2018"], lines["2019"], lines["2023"]) == (["absent"], ["no", "report"], ["4"])
    rows = json_of("compare", "崇川区", "--indicator", "f21.s4.review.total")
    states = {row["report_year"]: (row["state"], row["value"]) for row in rows}
    assert states[2018] == ("absent", None)
    assert (states[2019], states[2023]) == (("no report", None), ("given", 4))


def test_a_body_is_compared_by_its_number(ledger, print_of):
    numbers = dict(in_sql(ledger, "SELECT name, id FROM public_body"))
    number = numbers[RUDONG.name]
    out = print_of("compare", str(number), "--indicator", "reviews")
    assert out == print_of("compare", RUDONG.name, "--indicator", "reviews")


def test_the_usual_concepts_are_compared_where_none_is_named(print_of):
    out = print_of("compare", "嘉善县税务局")
    assert {line.split()[0] for line in out.splitlines()[1:]} >= {"reviews", "requests_answered"}


def lines_of(print_of: Run, *words: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in print_of("export", *words, "-o", "-").splitlines()]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        (["--year", "2023"], 11), (["--year", "2022", "--year", "2023"], 21),
        (["--division", "嘉善县", "--year", "2023"], 3), (["--indicator", "reviews"], 7),
        (["--indicator", "f14.review.total"], 1), (["--portal", "p330421"], 5),
        (["--year", "2023", "--indicator", "reviews", "--division", "江苏省"], 2), (["--year", "1999"], 0),
    ],
)  # fmt: skip
def test_an_export_is_narrowed_to_the_rows_that_are_wanted(print_of, words, count):
    rows = lines_of(print_of, "figures_current", *words)
    assert len(rows) == count


def test_figures_are_exported_by_portal(print_of):
    rows = lines_of(print_of, "figures", "--portal", "p330421")
    assert len(rows) == 5
    assert {row["portal"] for row in rows} == {"p330421"}


def test_an_export_of_current_versions(print_of):
    rows = lines_of(print_of, "figures", "--current", "--year", "2018")
    assert len(rows) == 5
    assert all(row["current"] for row in rows)


def test_late_names_the_province_that_nobody_knows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store.open(tmp_path) as store:
        counted.fill(store, {(counted.government("某某人民政府", None), 2022): {}})
    assert main(["late", "--by", "province", "--home", str(tmp_path)]) == 0
    assert "unknown" in capsys.readouterr().out
