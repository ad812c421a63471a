"""Excel as people use it: types, sheets, frozen heads and filters, a dictionary; hostile cells safe."""

import subprocess
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from lxml import etree

from archive.store import Store
from archive.work.export import xlsx
from archive.work.export.export import export_file, export_rows, file_writer, table_rows
from archive.work.export.writers import Heading, Row, Shape
from archive.work.export.xlsx import EXCEL_CELL, XlsxWriter
from archive.work.ingest.converters import installed

TEXT = [Heading(name="t", shape=Shape.TEXT)]
KINDS = [
    Heading(name="division", shape=Shape.TEXT),
    Heading(name="document_number", shape=Shape.TEXT),
    Heading(name="published_on", shape=Shape.DATE),
    Heading(name="captured_at", shape=Shape.INSTANT),
    Heading(name="value", shape=Shape.NUMBER),
    Heading(name="version", shape=Shape.WHOLE),
    Heading(name="current", shape=Shape.FLAG),
]
AT = datetime(2026, 3, 2, 1, 30, 15, 123_456, tzinfo=UTC)
ROW: Row = ["010101", "2023-1", "2024-02-29", AT, Decimal("1.25"), 3, True]


def quiet(_rows: int) -> None:
    """Nobody watches the progress."""


def written(path: Path, headings: list[Heading], rows: list[Row], **options: object) -> XlsxWriter:
    writer = XlsxWriter(path, headings, "x", **options)
    for row in rows:
        writer.write(row)
    writer.close()
    return writer


def test_dates_are_dates_and_numbers_numbers_and_codes_text(tmp_path: Path) -> None:
    lost: Row = ["", None, "someday", None, None, 2**60, None]
    old: Row = [None, None, "1899-12-31", None, Decimal(0), None, False]
    written(tmp_path / "x.xlsx", KINDS, [ROW, lost, old])
    rows = list(openpyxl.load_workbook(tmp_path / "x.xlsx")["x"].iter_rows(min_row=2))
    day = datetime(2024, 2, 29, tzinfo=UTC).replace(tzinfo=None)
    assert [cell.value for cell in rows[0]] == [
        "010101", "2023-1", day, AT.replace(tzinfo=None, microsecond=123_000),
        1.25, 3, True,
    ]  # fmt: skip
    assert [cell.data_type for cell in rows[0]] == ["s", "s", "d", "d", "n", "n", "b"]
    assert (rows[1][2].value, rows[1][5].value) == ("someday", str(2**60))
    assert (rows[2][2].value, rows[2][4].value, rows[2][6].value) == ("1899-12-31", 0, False)


def test_the_head_is_frozen_and_has_a_filter_and_columns_fit_what_they_hold(tmp_path: Path) -> None:
    heads = [Heading(name="n", shape=Shape.WHOLE), Heading(name="url", shape=Shape.TEXT),
             Heading(name="名", shape=Shape.TEXT)]  # fmt: skip
    written(tmp_path / "x.xlsx", heads, [[1, "u" * 400, "政府信息公开"]] * 150)
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["x"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:C151")
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths == [7, 61, 13]


def test_figures_stand_in_sheets_of_their_form_with_the_dictionary_behind(
    store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "figures.xlsx"
    done = export_file(store, "figures_current", path, quiet, ending=".xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "figures_current f21", "figures_current prose", "columns", "indicators",
    ]  # fmt: skip
    assert sum(sheet.max_row - 1 for sheet in book.worksheets[:2]) == done.rows
    heads = [cell.value for cell in book["figures_current f21"][1]]
    assert [row[0].value for row in book["columns"].iter_rows(min_row=2)] == heads
    named = {row[0].value: row[2].value for row in book["indicators"].iter_rows(min_row=2)}
    assert named["f21.s2.i1.rules.issued"] == "规章/本年制发件数"


def test_a_table_of_numbers_has_its_dictionary_too(tmp_path: Path) -> None:
    heads = [Heading(name="indicator", shape=Shape.TEXT), Heading(name="lacking", shape=Shape.WHOLE),
             Heading(name="2022", shape=Shape.NUMBER)]  # fmt: skip
    path = tmp_path / "x.xlsx"
    export_rows(heads, [["reviews", 2, 5]], "table", path, quiet, ending=".xlsx")
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["table", "columns", "indicators"]
    told = [row[0].value for row in book["columns"].iter_rows(min_row=2)]
    assert told == ["indicator", "lacking"]


def test_each_full_sheet_is_followed_by_another_of_its_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "EXCEL_ROWS", 4)
    heads = [*TEXT, Heading(name="form", shape=Shape.TEXT)]
    rows: list[Row] = [[str(number), "f21" if number % 3 else None] for number in range(12)]
    written(tmp_path / "x.xlsx", heads, rows, by="form")
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == ["x f21", "x f21 2", "x f21 3", "x prose", "x prose 2"]
    assert [sheet.max_row for sheet in book.worksheets] == [4, 4, 3, 4, 2]
    assert [sheet.auto_filter.ref for sheet in book.worksheets][:3] == ["A1:B4", "A1:B4", "A1:B3"]
    written(tmp_path / "y.xlsx", TEXT, [[str(number)] for number in range(7)])
    assert openpyxl.load_workbook(tmp_path / "y.xlsx").sheetnames == ["x", "x 2", "x 3"]


HOSTILE = (
    "=1+1", "#N/A", "@SUM(A1)", "+cmd|' /C calc'!A0", "a\x00b", "abc\u202egnp.exe", "\ufffe", "007",
    "2024-02-29", "<b>&amp;</b>", " two  blanks ", "1e5", "TRUE",
)  # fmt: skip


def safe(text: str) -> str:
    return text.translate(dict.fromkeys((0, 0x202E, 0xFFFE), "\ufffd"))


def test_hostile_cells_are_text_and_it_is_told_what_was_cut(tmp_path: Path) -> None:
    long = ("长" * (EXCEL_CELL + 1), "😀" * EXCEL_CELL)
    writer = written(tmp_path / "x.xlsx", TEXT, [[text] for text in (*HOSTILE, *long)])
    cells = [
        row[0] for row in openpyxl.load_workbook(tmp_path / "x.xlsx")["x"].iter_rows(min_row=2)
    ]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[: len(HOSTILE)]] == [*map(safe, HOSTILE)]
    assert [cell.value for cell in cells[-2:]] == ["长" * EXCEL_CELL, "😀" * (EXCEL_CELL // 2)]
    cut, illegal = writer.warnings()
    assert "2 cells are longer" in cut
    assert "x row 15 t, x row 16 t" in cut
    assert "3 cells had control characters" in illegal


# what, old and new as the view of changes has them.
CHANGED = (
    ("figure", "12", "-3.5"), ("figure", "blank", "0"), ("figure", "7", None),
    ("title", "2023", "2024"), ("field", "007", "=1+1"),
)  # fmt: skip


def changes_written(path: Path) -> None:
    heads = [Heading(name=name, shape=Shape.TEXT) for name in ("what", "old", "new")]
    writer = file_writer(path, ".xlsx", "changes", heads)
    for row in CHANGED:
        writer.write([*row])
    writer.close()


def test_a_figure_that_changed_is_a_number_and_a_title_stays_text(tmp_path: Path) -> None:
    changes_written(tmp_path / "x.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["changes"]
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [
        ("figure", 12, -3.5), ("figure", "blank", 0), ("figure", 7, None),
        ("title", "2023", "2024"), ("field", "007", "=1+1"),
    ]  # fmt: skip


OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


@pytest.mark.skipif(installed().soffice is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_the_types_that_were_written(store: Store, tmp_path: Path) -> None:
    writer = written(tmp_path / "x.xlsx", [*KINDS, *TEXT], [[*ROW, text] for text in HOSTILE])
    assert writer.warnings()
    export_file(store, "coverage", tmp_path / "coverage.xlsx", quiet, ending=".xlsx")
    changes_written(tmp_path / "changes.xlsx")
    done = subprocess.run(
        [
            installed().soffice or "", "--headless", f"-env:UserInstallation=file://{tmp_path}/p",
            "--convert-to", "fods", "--outdir", tmp_path / "out",
            tmp_path / "x.xlsx", tmp_path / "coverage.xlsx", tmp_path / "changes.xlsx",
        ],
        check=True, capture_output=True, timeout=100,
    )  # fmt: skip
    if b"could not be loaded" in done.stderr:
        pytest.skip("LibreOffice Calc is not installed: apt-get install libreoffice-calc-nogui")
    rows = cells_of(tmp_path / "out" / "x.fods", "x")
    assert [row[:-1] for row in rows] == [
        [("string", "010101"), ("string", "2023-1"), ("date", "2024-02-29"),
         ("date", "2026-03-02T01:30:15.12"), ("float", "1.25"), ("float", "3"),
         ("float", "1")]
    ] * len(HOSTILE)  # fmt: skip
    assert [row[-1] for row in rows] == [
        ("string", " ".join(safe(text).split())) for text in HOSTILE
    ]
    understood = [
        cell[0] for row in cells_of(tmp_path / "out" / "coverage.fods", "coverage") for cell in row
    ]
    dates = [
        row[name] for row in table_rows(store, "coverage")
        for name in ("due_on", "published_on", "captured_at") if row[name] is not None
    ]  # fmt: skip
    assert understood.count("date") == len(dates) > 0
    changed = [tuple(row) for row in cells_of(tmp_path / "out" / "changes.fods", "changes")]
    assert [tuple(value or "" for _, value in row) for row in changed] == [
        tuple(filter(None, row)) for row in CHANGED
    ]
    assert [[kind for kind, _ in row[1:]] for row in changed] == [
        ["float", "float"], ["string", "float"], ["float"], ["string", "string"],
        ["string", "string"],
    ]  # fmt: skip


def cells_of(path: Path, sheet: str) -> list[list[tuple[str, str]]]:
    """Type and value of every cell below the head, as LibreOffice understood it."""
    tree = etree.parse(path)
    [table] = (each for each in tree.iter(f"{TABLE}table") if each.get(f"{TABLE}name") == sheet)
    found = []
    for row in list(table.iter(f"{TABLE}table-row"))[1:]:
        cells = [each for each in row if each.get(f"{OFFICE}value-type")]
        formulas = {each.get(f"{TABLE}formula") for each in row} - {None}
        assert formulas <= {"of:=TRUE()", "of:=FALSE()"}  # how it spells a boolean
        line = []
        for cell in cells:
            kind = cell.get(f"{OFFICE}value-type")
            value = cell.get(f"{OFFICE}{'value' if kind == 'float' else kind + '-value'}")
            line.append((kind, value or " ".join("".join(cell.itertext()).split())))
        found += [line] * int(row.get(f"{TABLE}number-rows-repeated", "1")) if line else []
    return found
