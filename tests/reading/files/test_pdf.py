"""PDF: lines become paragraphs, rulings become cells, pages do not cut tables."""

import pytest

from archive.model.reading import Table
from archive.reading.files.pdf import MAX_PAGES
from archive.reading.files.pdf_cells import Box, Ruled
from archive.reading.files.pdf_joined import as_table, joined_below, placed
from tests.reading.files.made_files import grid, of, rules
from tests.reading.files.paper import Press, pdf, text_at
from tests.reading.files.report import Rows

PICTURE = "100 0 0 100 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID 0 EI\n"
LONG = "本机关依法公开政府信息" * 12


def rows(count: int, head: int = 1) -> Rows:
    return [[("项目", 1, 1), ("数量", 1, 1)]] * head + [
        [(f"第{n}项", 1, 1), (str(n), 1, 1)] for n in range(count)
    ]


def ruled(*cells: tuple[str, float, float, float, float]) -> Ruled:
    return Ruled(boxes=[Box(text=t, left=a, top=b, right=c, bottom=d) for t, a, b, c, d in cells])


# A PDF that does not carry its font is laid out with one of the machine; without any Chinese font
# pdfium gives glyphs no size and leaves lone ones out.
needs_font = pytest.mark.skipif(
    not of(pdf(text_at(100, 700, "上"))).lines,
    reason="no Chinese font on this machine: apt-get install fonts-wqy-microhei",
)


def test_the_lines_of_a_paragraph_are_joined() -> None:
    press = Press()
    press.paragraph(LONG)
    press.paragraph("二、" + LONG)
    assert of(press.done()).lines == (LONG, "二、" + LONG)


def test_a_paragraph_goes_on_over_the_end_of_a_page() -> None:
    press = Press()
    for _ in range(5):
        press.paragraph(LONG * 6)
    assert of(press.done()).lines == (LONG * 6,) * 5


def test_page_numbers_are_no_text() -> None:
    assert of(pdf(text_at(100, 700, "正文") + text_at(300, 20, "— 8 —"))).lines == ("正文",)


@needs_font
def test_a_number_in_the_middle_of_a_page_is_text() -> None:
    page = text_at(100, 700, "上") + text_at(100, 500, "12") + text_at(100, 300, "下")
    assert of(pdf(page)).lines == ("上", "12", "下")


def laid_out(ruled: Ruled) -> Table:
    return as_table([cell for _, cell in placed(ruled)])


def test_a_table_over_pages_is_one_table() -> None:
    press = Press()
    press.table(rows(90), [200, 100])
    reading = of(press.done())
    assert [row[1] for row in grid(reading)[1:]] == [str(n) for n in range(90)]


def test_two_tables_with_text_between_them_stay_two() -> None:
    press = Press()
    press.table(rows(2), [200, 100])
    press.paragraph("说明")
    press.table(rows(2), [200, 100])
    assert len(of(press.done()).tables) == 2


def test_a_box_around_text_is_no_table() -> None:
    press = Press()
    press.table([[("说明文字", 1, 1)]], [300])
    reading = of(press.done())
    assert (reading.lines, reading.tables) == (("说明文字",), ())


@needs_font
def test_a_page_on_its_side_is_read_as_it_is_shown() -> None:
    page = "0 1 -1 0 600 0 cm " + text_at(100, 400, "横排表格") + text_at(100, 380, "第二行")
    assert of(pdf(page, extra="/Rotate 90")).lines == ("横排表格", "第二行")


@needs_font
def test_a_table_on_its_side_is_a_table() -> None:
    press = Press()
    press.table(rows(3), [200, 100])
    reading = of(pdf("0 1 -1 0 840 0 cm " + press.pages[0], extra="/Rotate 90"))
    assert grid(reading) == [["项目", "数量"], ["第0项", "0"], ["第1项", "1"], ["第2项", "2"]]


def test_a_head_repeated_on_the_next_page_stands_once() -> None:
    upper = ruled(
        ("项目", 0, 0, 50, 10), ("数", 50, 0, 90, 10), ("甲", 0, 10, 50, 20), ("1", 50, 10, 90, 20)
    )
    lower = ruled(
        ("项目", 0, 0, 50, 10), ("数", 50, 0, 90, 10), ("乙", 0, 10, 50, 20), ("2", 50, 10, 90, 20)
    )
    table = laid_out(joined_below(upper, lower))
    assert [cell.text for cell in table.cells] == ["项目", "数", "甲", "1", "乙", "2"]


def test_a_row_cut_by_the_end_of_a_page_is_whole_again() -> None:
    upper = ruled(("5.要求行政机关确认或重新", 0, 0, 50, 10), ("7", 50, 0, 90, 10))
    lower = ruled(("出具已获取信息", 0, 0, 50, 10), ("", 50, 0, 90, 10))
    table = laid_out(joined_below(upper, lower))
    assert [cell.text for cell in table.cells] == ["5.要求行政机关确认或重新\n出具已获取信息", "7"]


def test_a_blank_row_on_the_next_page_is_a_row_of_its_own() -> None:
    upper = ruled(("1.信访举报投诉类申请", 0, 0, 50, 10), ("7", 50, 0, 90, 10))
    lower = ruled(("2.重复申请", 0, 0, 50, 10), ("", 50, 0, 90, 10))
    assert laid_out(joined_below(upper, lower)).rows == 2


def test_a_label_over_many_rows_goes_on_on_the_next_page() -> None:
    upper = ruled(("办理结果", 0, 0, 20, 10), ("甲", 20, 0, 50, 10), ("1", 50, 0, 90, 10))
    lower = ruled(("", 0, 0, 20, 10), ("乙", 20, 0, 50, 10), ("2", 50, 0, 90, 10))
    assert laid_out(joined_below(upper, lower)).cells[0].rowspan == 2


def test_pictures_without_text_are_told() -> None:
    assert rules(of(pdf(PICTURE, PICTURE))) == ["image_only"]


def test_a_pdf_under_a_password_is_a_finding() -> None:
    key = "<" + "00" * 32 + ">"
    locked = f"/Encrypt<</Filter/Standard/V 1/R 2/O {key}/U {key}/P -4>>/ID[<00><00>]"
    body = pdf(text_at(100, 700, "密")).replace(b"/Root 1 0 R", b"/Root 1 0 R" + locked.encode())
    assert rules(of(body)) == ["file_encrypted"]


@pytest.mark.parametrize("body", [b"%PDF-1.4", b"%PDF-1.7\n" + b"\0" * 500, b"\r\n%PDF-1.4 x"])
def test_a_damaged_pdf_is_a_finding(body: bytes) -> None:
    assert rules(of(body)) == ["file_damaged"]


def test_too_many_pages_are_refused() -> None:
    assert rules(of(pdf(*[""] * (MAX_PAGES + 1)))) == ["file_too_large"]


@needs_font
def test_a_page_of_a_million_lines_is_read_without_tables() -> None:
    grid_lines = "".join(f"{n} 0 m {n} 800 l S 0 {n} m 600 {n} l S\n" for n in range(0, 600, 4))
    reading = of(pdf(grid_lines + text_at(100, 700, "文")))
    assert (reading.tables, reading.lines) == ((), ("文",))


def test_a_report_s_title_is_what_it_prints_and_its_file_name_a_field() -> None:
    press = Press()
    for text in ("云政发〔2024〕1号", "云溪县人民政府", "2023年政府信息公开工作", "年度报告"):
        press.paragraph(text, centred=True)
    press.paragraph("根据《中华人民共和国政府信息公开条例》编制。" + LONG)
    reading = of(press.done(), file_name="P020240101.pdf")
    named = [field.value for field in reading.fields if field.name == "file_name"]
    assert reading.title == "云溪县人民政府2023年政府信息公开工作年度报告"
    assert named == ["P020240101.pdf"]
