"""A report says the same in every format: all cells, and the lines around them."""

import json
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from archive.model.reading import CellState, CheckState, Kind
from tests.reading.files.made_files import figures, of, rules
from tests.reading.files.ofd_paper import SPELLINGS, printed_ofd
from tests.reading.files.office import docx, ofd, paragraph, word_table, xlsx
from tests.reading.files.paper import printed
from tests.reading.files.report import Report, report


def word(made: Report) -> bytes:
    return docx("".join(map(paragraph, made.paragraphs)) + "".join(map(word_table, made.tables)))


def workbook(made: Report) -> bytes:
    return xlsx(**{f"表{n}": rows for n, rows in enumerate(made.tables)})


FORMATS = {
    "pdf of lines": printed,
    "pdf of outlines on shading": lambda made: printed(made, drawn="outlines", shaded=True),
    "pdf of thin areas": lambda made: printed(made, drawn="thin"),
    "pdf of one path": lambda made: printed(made, drawn="one path"),
    "pdf of thin areas in one path": lambda made: printed(made, drawn="one thin path"),
    "pdf of dashes": lambda made: printed(made, drawn="dashes"),
    "docx": word,
    "xlsx": workbook,
    "ofd of lines": printed_ofd,
    "ofd of outlines on shading": lambda made: printed_ofd(made, drawn="outlines", shaded=True),
    "ofd of thin areas in one path": lambda made: printed_ofd(made, drawn="one thin path"),
    "ofd of dashes": lambda made: printed_ofd(made, drawn="dashes"),
    **{f"ofd, {spelled}": partial(printed_ofd, spelled=spelled) for spelled in SPELLINGS},
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", FORMATS)
def test_every_cell_of_a_report_is_read_in_every_format(name: str, seed: int) -> None:
    made = report(seed)
    assert figures(of(FORMATS[name](made))) == made.truth


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_has_its_three_tables_in_every_format(name: str) -> None:
    assert len(of(FORMATS[name](report(7))).tables) == 3


@pytest.mark.parametrize(
    "name", ["pdf of lines", "pdf of outlines on shading", "docx", "ofd of lines"]
)
def test_the_paragraphs_are_whole_lines(name: str) -> None:
    made = report(7)
    assert of(FORMATS[name](made)).lines[:5] == made.paragraphs


def test_an_ofd_report_has_the_two_hundred_figures_of_the_form() -> None:
    made = report(7)
    found = figures(of(printed_ofd(made)))
    assert (len(found), found) == (200, made.truth)


def test_the_year_of_a_file_is_the_one_its_heading_names() -> None:
    assert of(word(report(7))).report_year == 2023


def test_a_file_is_an_attachment_called_by_its_name() -> None:
    reading = of(word(report(7)), file_name="云溪县2023年年报.docx")
    assert (reading.kind, reading.title) == (Kind.ATTACHMENT, "云溪县2023年年报.docx")


def test_the_rules_are_run_over_a_file() -> None:
    assert len(of(word(report(7))).checks) > 40


def test_a_file_of_other_tables_has_no_figures_and_no_checks() -> None:
    reading = of(xlsx(a=[[("姓名", 1, 1), ("人数", 1, 1)], [("合计", 1, 1), ("3", 1, 1)]]))
    assert (reading.figures, reading.checks) == ((), ())


def test_the_hash_of_a_read_file_is_over_its_text() -> None:
    made = report(7)
    assert of(word(made)).content_hash == of(word(made) + b"\0").content_hash


def test_the_hash_of_an_unread_file_is_over_its_bytes() -> None:
    assert of(b"Rar!\x1a\x07\x00a").content_hash != of(b"Rar!\x1a\x07\x00b").content_hash


def test_lines_of_an_ofd_report_give_its_prose() -> None:
    made = report(7)
    wrapped = [
        (40.0 if begin == 0 else 30.0, text[max(begin - 2, 0) : begin + 28])
        for text in made.paragraphs
        for begin in range(0, len(text) + 2, 30)
    ]
    reading = of(ofd([(x, 20.0 + 8 * n, text) for n, (x, text) in enumerate(wrapped)]))
    assert (reading.lines, reading.report_year) == (made.paragraphs, 2023)


# --- the real files, where the folder beside the repository has them -------------------------


def numbers(value: object) -> list[Decimal]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [Decimal(str(value))]


@pytest.mark.parametrize("part", ["2", "3", "4"])
def test_every_cell_of_a_real_pdf_report_is_read(shared: Path, part: str) -> None:
    gold = json.loads((shared / "files" / "hongze-2024-report.tables.json").read_text("utf-8"))
    reading = of((shared / "files" / "hongze-2024-report.pdf").read_bytes())
    found = [f.value for f in reading.figures if (f.indicator or "")[:6] == f"f21.s{part}"]
    assert found == numbers(gold[f"section{part}"])


def test_every_sum_of_the_real_pdf_report_holds(shared: Path) -> None:
    reading = of((shared / "files" / "hongze-2024-report.pdf").read_bytes())
    assert CheckState.VIOLATED not in {check.state for check in reading.checks}


def test_the_official_template_has_two_hundred_blank_cells(shared: Path) -> None:
    reading = of((shared / "files" / "annual-report-template.docx").read_bytes())
    assert [figure.state for figure in reading.figures] == [CellState.BLANK] * 200


def test_a_real_table_over_nine_pages_is_one_table(shared: Path) -> None:
    reading = of((shared / "files" / "jiangxi-attachment.pdf").read_bytes())
    assert (len(reading.tables), reading.tables[0].columns, rules(reading)) == (1, 8, [])


def test_the_text_of_a_real_attachment_is_read(shared: Path) -> None:
    reading = of((shared / "files" / "jiangxi-attachment.pdf").read_bytes())
    assert "江西省投资项目“容缺审批+承诺制”办理模式事项清单" in reading.lines
