"""Exports: the contract's columns, every format, nothing lost in silence, a file whole or none."""

import csv
import io
import json
import zipfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import zip_longest
from pathlib import Path
from unittest import mock

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from archive.model.errors import CannotRunError, UsageError
from archive.store import Store
from archive.work.atomic_file import atomic_file
from archive.work.export import writers
from archive.work.export.export import export_file, export_stream
from archive.work.export.tables import TABLES
from archive.work.export.writers import (
    CsvWriter,
    Heading,
    JsonLinesWriter,
    ParquetWriter,
    Row,
    Shape,
    Value,
    guarded,
)
from tests.support.invented import YUNHE, url
from tests.support.invented_home import Run

# contract.md: at least these, in this spelling and order.
CONTRACT = {
    "documents": "portal url kind title agency index_number document_number category report_year "
    "written_on published_on version first_captured_at last_captured_at content_hash text "
    "attachments fields official",
    "versions": "url version content_hash captured_at title text supersedes",
    "captures": "url captured_at status media_type payload_digest size warc_file warc_offset "
    "record_type outcome rendered",
    "outcomes": "run url outcome reason at",
    "figures": "url version report_year body form indicator applicant value unit printed state",
    "figures_current": "body_id body division report_year form indicator applicant value unit"
    " state reader_version url version portal place province level concept certainty",
    "findings": "url version rule severity message evidence",
    "runs": "run job started_at ended_at status verdict",
    "portals": "portal name",
    "coverage": "body_id body division place province level kind",
    "similarity": "url version report_year body_id body division other_url other_version other_year"
    " other_body_id other_body other_division similarity scope",
    "changes": "url version previous captured_at what name form indicator applicant label old new"
    " removed added title report_year body division body_id portal reader_version",
    "statements": "url version report_year body division body_id concept value unit printed state "
    "period sentence line reader_version current",
    "citations": "url version title body report_year captured_at content_hash reader_version"
    " payload_digest warc_file warc_offset",
    "withdrawals": "url version reason withdrawn_by withdrawn_at restored_by restored_at",
    "bodies": "body_id name division place province level kind portals first_year last_year reports",
    "indicators": "indicator form name name_en label unit parent concept",
    "rules": "rule forms scope text text_en kind strength source",
}
FORMATS = (".jsonl", ".csv", ".parquet", ".xlsx")


def quiet(_rows: int) -> None:
    """Nobody watches the progress."""


def exported(store: Store, table: str, path: Path) -> list[dict[str, object]]:
    """The rows of a written file as its readers see them."""
    export_file(store, table, path, quiet, ending=path.suffix)
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))
    if path.suffix == ".parquet":
        rows: list[dict[str, object]] = parquet.read_table(path).to_pylist()
        return rows
    with closing(openpyxl.load_workbook(path, read_only=True)) as book:
        sheets = [each for each in book.worksheets if each.title.startswith(table)]
        lines = [line for each in sheets for line in each.iter_rows(min_row=2, values_only=True)]
        heads = next(book.worksheets[0].iter_rows(values_only=True))
    return [dict(zip_longest(heads, line)) for line in lines]  # empty cells at the end are not read


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("table", TABLES)
def test_every_table_goes_into_every_format(
    store: Store, tmp_path: Path, table: str, ending: str
) -> None:
    rows = exported(store, table, tmp_path / f"{table}{ending}")
    reference = exported(store, table, tmp_path / "reference.jsonl")
    assert len(rows) == len(reference) > 0
    assert list(rows[0]) == list(reference[0])


@pytest.mark.parametrize("table", TABLES)
def test_columns_are_those_of_the_contract_in_its_order(
    store: Store, tmp_path: Path, table: str
) -> None:
    columns = list(exported(store, table, tmp_path / "x.jsonl")[0])
    wanted = CONTRACT[table].split()
    assert [column for column in columns if column in wanted] == wanted
    if table not in ("runs", "portals"):
        assert columns[: len(wanted)] == wanted


def test_documents_have_instants_flags_and_nested_fields(store: Store, tmp_path: Path) -> None:
    rows = exported(store, "documents", tmp_path / "documents.jsonl")
    row = next(each for each in rows if each["url"] == url(YUNHE, 2021))
    assert row["first_captured_at"] == "2026-03-02T01:30:00Z"
    assert row["official"] is True
    assert row["attachments"] == []
    assert isinstance(row["fields"], dict)
    assert row["fields"]["published_on"] == {
        "value": "2022-03-10", "printed": "2022年03月10日", "origin": "header:发布日期",
    }  # fmt: skip
    assert str(row["text"]).split("\n")[0].startswith("本报告由")


def test_figures_are_numbers_or_null_beside_what_was_printed(store: Store, tmp_path: Path) -> None:
    rows = exported(store, "figures", tmp_path / "figures.jsonl")
    placeholder = next(row for row in rows if row["indicator"] is None)
    assert (placeholder["value"], placeholder["printed"]) == (None, "——")
    assert placeholder["state"] == "placeholder"
    assert {row["value"] for row in rows if row["url"] == url(YUNHE, 2021)
            and row["indicator"] == "f21.s3.result.granted"} >= {61, 63}  # fmt: skip


def test_parquet_has_real_instants_flags_and_numbers(store: Store, tmp_path: Path) -> None:
    (row, *_) = exported(store, "documents", tmp_path / "documents.parquet")
    assert row["first_captured_at"] == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
    assert row["official"] is True
    assert isinstance(row["version"], int)


def test_csv_begins_with_the_byte_order_mark_that_excel_needs(store: Store, tmp_path: Path) -> None:
    export_file(store, "runs", tmp_path / "runs.csv", quiet, ending=".csv")
    assert (tmp_path / "runs.csv").read_bytes().startswith(b"\xef\xbb\xbfrun,")


@pytest.mark.parametrize("format_", ["jsonl", "csv"])
def test_standard_output_carries_the_same_bytes_as_a_file(
    gongkai_process: Run, store: Store, tmp_path: Path, format_: str
) -> None:
    path = tmp_path / f"findings.{format_}"
    export_file(store, "findings", path, quiet, ending=path.suffix)
    done = gongkai_process("export", "findings", "-o", "-", "--format", format_, LC_ALL="C")
    assert (done.returncode, done.stdout) == (0, path.read_bytes())


def test_the_command_says_how_many_rows_it_wrote(gongkai: Run, tmp_path: Path) -> None:
    path = tmp_path / "runs.xlsx"
    done = gongkai("export", "runs", "-o", str(path), "--json")
    assert json.loads(done.stdout) == {"file": str(path), "rows": 2, "warnings": []}
    assert zipfile.is_zipfile(path)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("-5", "-5"),
        ("+12.5%", "+12.5%"),
        ("——", "——"),
        ("-", "-"),
        ("139", "139"),
    ],
)
def test_formulas_are_disarmed_and_numbers_and_dashes_stay(text: str, safe: str) -> None:
    assert guarded(text) == safe


@given(st.text(max_size=20))
def test_disarming_only_ever_puts_an_apostrophe_in_front(text: str) -> None:
    assert guarded(text) in (text, f"'{text}")


TEXT = [Heading(name="t", shape=Shape.TEXT)]


ANYTHING = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@given(st.lists(ANYTHING, min_size=1, max_size=20))
def test_json_lines_give_back_every_text(texts: list[str]) -> None:
    stream = io.BytesIO()
    writer = JsonLinesWriter(stream, TEXT)
    for text in texts:
        writer.write([text])
    writer.close()
    lines = stream.getvalue().decode("utf-8").split("\n")
    assert [json.loads(line)["t"] for line in lines[:-1]] == texts


@given(st.lists(ANYTHING, min_size=1, max_size=20))
def test_csv_gives_back_every_text_but_for_the_apostrophe(texts: list[str]) -> None:
    stream = io.BytesIO()
    writer = CsvWriter(stream, TEXT)
    for text in texts:
        writer.write([text])
    writer.close()
    read = csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""))
    assert [row[0] if row else "" for row in read][1:] == [guarded(text) for text in texts]


VALUES: dict[Shape, st.SearchStrategy[Value]] = {
    Shape.TEXT: st.sampled_from(["", "a", "=1", "-5", "——", 'say "x"', "a,b", "c\r\nd", "一", 7]),
    Shape.WHOLE: st.integers(),
    Shape.NUMBER: st.sampled_from([0, 1, 1.0, True, Decimal("1.50"), Decimal(9), 1e300, 0.1]),
    Shape.FLAG: st.booleans(),
    Shape.DATE: st.dates().map(str),
    Shape.INSTANT: st.datetimes(timezones=st.just(UTC)),
    Shape.JSON: st.sampled_from([{"a": ["=1"]}, [], "=x", 1, True, 1.0]),
}
HEADINGS = [Heading(name=f"a {shape}, b", shape=shape) for shape in VALUES]
ROWS = st.lists(st.tuples(*(st.none() | each for each in VALUES.values())), max_size=20)


@given(ROWS)
@settings(max_examples=50)
def test_lines_are_those_of_the_libraries_whatever_stood_above(rows: list[Row]) -> None:
    lines, table = io.BytesIO(), io.BytesIO()
    wanted = io.StringIO("\ufeff", newline="")
    wanted.seek(0, io.SEEK_END)
    csv.writer(wanted).writerows([[each.name for each in HEADINGS]])
    with mock.patch.object(writers, "_KEPT", 3), mock.patch.object(writers, "_BATCH_LINES", 7):
        made = JsonLinesWriter(lines, HEADINGS), CsvWriter(table, HEADINGS)
        for row in rows:
            for writer in made:
                writer.write(row)
        for writer in made:
            writer.close()
    csv.writer(wanted).writerows([[writers._csv_value(each) for each in row] for row in rows])
    assert table.getvalue().decode() == wanted.getvalue()
    named = ({each.name: writers._json_value(value) for each, value in zip(HEADINGS, row, strict=True)}
             for row in rows)  # fmt: skip
    assert lines.getvalue().decode() == "".join(
        json.dumps(each, ensure_ascii=False) + "\n" for each in named
    )


def test_parquet_writes_in_batches_and_gives_back_every_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writers, "_BATCH_ROWS", 3)
    monkeypatch.setattr(writers, "GROUP_ROWS", 12)
    headings = [Heading(name="n", shape=Shape.NUMBER), Heading(name="j", shape=Shape.JSON)]
    writer = ParquetWriter(tmp_path / "x.parquet", headings)
    for number in range(30):
        writer.write([Decimal(number) / 4, {"n": number}])
    writer.close()
    metadata = parquet.ParquetFile(tmp_path / "x.parquet").metadata
    assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == [12, 12, 6]
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table.column("n").to_pylist() == [number / 4 for number in range(30)]
    assert json.loads(table.column("j")[29].as_py()) == {"n": 29}


def test_a_failed_export_leaves_the_old_file_and_no_rest(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "documents.csv"
    path.write_text("old")

    def stops(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        export_file(store, "figures", path, stops, ending=".csv")
    assert [each.name for each in tmp_path.iterdir()] == ["documents.csv"]
    assert path.read_text() == "old"


def test_a_disk_that_refuses_is_said_in_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(CannotRunError, match="cannot be written"),
        atomic_file(tmp_path / "x") as new,
    ):
        raise OSError(28, "No space left on device", str(new))


def test_unknown_tables_and_streams_are_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="there is no table"):
        export_stream(store, "page; DROP TABLE page", ".csv", io.BytesIO(), quiet)
    with pytest.raises(UsageError, match="standard output"):
        export_stream(store, "runs", ".parquet", io.BytesIO(), quiet)


def test_instants_keep_their_fraction_of_a_second() -> None:
    stream = io.BytesIO()
    writer = JsonLinesWriter(stream, [Heading(name="at", shape=Shape.INSTANT)])
    writer.write([datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=5)])
    writer.close()
    assert json.loads(stream.getvalue())["at"] == "2026-01-01T00:00:00.000005Z"
