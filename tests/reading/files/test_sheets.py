"""Workbooks, new and old: values as they are shown, limits before they are laid out."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from archive.reading.files.compound import compound
from tests.reading.files.made_files import grid, of, rules
from tests.reading.files.office import xlsx, zipped
from tests.reading.files.oldbook import xls


def saved(book: Workbook) -> bytes:
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def one_cell(value: object) -> bytes:
    book = Workbook()
    book.active["B3"] = "指标"
    book.active["C3"] = value
    return saved(book)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(95, "95"), (0.5, "0.5"), (1204.0, "1204"), (date(2024, 1, 31), "2024-01-31"), (" 无 ", "无")],
)
def test_a_value_is_printed_as_it_is_shown(value: object, shown: str) -> None:
    assert grid(of(one_cell(value))) == [["指标", shown]]


def test_merged_cells_keep_their_span() -> None:
    reading = of(xlsx(a=[[("组", 2, 1), ("一", 1, 1)], [("二", 1, 1)]]))
    assert [(c.text, c.rowspan) for c in reading.tables[0].cells] == [
        ("组", 2),
        ("一", 1),
        ("二", 1),
    ]


def test_every_sheet_is_a_table_under_its_name() -> None:
    rows = [[("a", 1, 1), ("1", 1, 1)]]
    assert [table.caption for table in of(xlsx(甲=rows, 乙=rows)).tables] == ["甲", "乙"]


def test_a_hidden_sheet_is_not_read() -> None:
    book = Workbook()
    book.active["A1"] = "看"
    hidden = book.create_sheet("藏")
    hidden["A1"] = "藏"
    hidden.sheet_state = "hidden"
    assert of(saved(book)).lines == ("看",)


def test_an_old_workbook_is_read() -> None:
    assert grid(of(xls([["受理申请", 95.0], ["办结", 94.5]]))) == [
        ["受理申请", "95"],
        ["办结", "94.5"],
    ]


def test_cells_too_far_apart_are_refused_before_they_are_laid_out() -> None:
    book = Workbook()
    book.active["A1"] = 1
    book.active["XFD1048576"] = 2
    assert rules(of(saved(book))) == ["file_too_large"]


@pytest.mark.parametrize("place", [b"ZZZ99999999", b"zz9999999999"])
def test_a_place_beyond_any_sheet_is_refused(place: bytes) -> None:
    sheet = (
        b'<worksheet><sheetData><row><c r="'
        + place
        + b'"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert rules(of(zipped({"xl/workbook.xml": "", "xl/worksheets/a.xml": sheet}))) == [
        "file_too_large"
    ]


def test_a_sheet_of_too_many_cells_is_refused() -> None:
    book = Workbook()
    book.active["A1"] = 1
    book.active["ZZ600"] = 2
    assert rules(of(saved(book))) == ["file_too_large"]


def test_a_damaged_workbook_is_a_finding() -> None:
    assert rules(of(zipped({"xl/workbook.xml": "<x/>"}))) == ["file_damaged"]


def test_a_damaged_old_workbook_is_a_finding() -> None:
    assert rules(of(compound("Workbook", b"\x09\x08\xff\xff" * 40))) == ["file_damaged"]


def test_a_workbook_whose_sectors_form_a_circle_is_damaged() -> None:
    body = bytearray(xls([["受理申请", 95.0]]))
    body[512 + 2 * 4 : 512 + 3 * 4] = (2).to_bytes(4, "little")
    assert rules(of(bytes(body))) == ["file_damaged"]


def test_cells_of_an_old_workbook_too_far_apart_are_refused() -> None:
    body = xls([["受理申请", 95.0]])
    cell = body.index(b"\x03\x02\x0e\x00")
    far = body[: cell + 4] + b"\xff\xff\xff\xff" + body[cell + 8 :]
    assert rules(of(far)) == ["file_too_large"]


def test_an_old_workbook_that_claims_to_be_huge_is_read_for_what_it_is() -> None:
    body = xls([["受理申请", 95.0]])
    size = body.index(b"\x00\x02\x0e\x00")
    huge = body[: size + 4] + b"\0\0\0\0\xff\xff\xff\xff\0\0\xff\xff\0\0" + body[size + 18 :]
    assert grid(of(huge)) == [["受理申请", "95"]]


def test_an_old_workbook_of_many_rows_is_read() -> None:
    reading = of(xls([[f"第{n}项", float(n)] for n in range(2500)]))
    assert reading.lines[-1] == "第2499项\t2499"


def test_a_workbook_under_a_password_is_a_finding() -> None:
    assert rules(of(compound("EncryptedPackage", b""))) == ["file_encrypted"]
