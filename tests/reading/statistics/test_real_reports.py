"""Real reports and the official template, where the folder beside the repository has them."""

import json
import zipfile
from decimal import Decimal
from xml.etree import ElementTree as ET

from lxml import html

from archive.codebook.forms import form
from archive.model.reading import CellState, CheckState, Figure, Table
from archive.reading.html.grid import is_data_table, read_table
from archive.reading.statistics.checks import run_checks
from archive.reading.statistics.prose import read_prose
from archive.reading.statistics.read import Statistics, read_statistics
from tests.reading.statistics.shared import shared_folder

WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
S2 = ["规章", "行政规范性文件", "行政许可", "行政处罚", "行政强制"]


def saved_tables(name: str) -> list[Table]:
    body = (shared_folder() / "pages" / name).read_bytes()
    tree = html.document_fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
    return [read_table(table) for table in tree.iter("table") if is_data_table(table)]


def flat(value: object) -> list[int | float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in flat(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in flat(inner)]
    assert isinstance(value, int | float)
    return [value]


def numbers(figures: list[Figure]) -> list[Decimal | None]:
    return [figure.value for figure in figures]


def of(found: Statistics, part: str) -> list[Figure]:
    return [f for f in found.figures if (f.indicator or "").startswith(f"f21.{part}.")]


def decimals(values: list[int | float]) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def test_every_cell_of_the_saved_report_is_read() -> None:
    gold_file = shared_folder() / "pages" / "gold.jsonl"
    gold = json.loads(gold_file.read_text("utf-8").splitlines()[0])["stats_tables"]
    found = read_statistics(saved_tables("pingtan-nb-2024.html"), [], title=None, report_year=2024)
    assert (found.form, len(found.figures), found.findings) == ("f21", 200, ())
    assert numbers(of(found, "s2")) == decimals(flat(gold["section2"]))
    assert numbers(of(found, "s3")) == decimals(flat(gold["section3"]))
    assert numbers(of(found, "s4")) == decimals(flat(gold["section4"]))


def test_every_sum_of_the_saved_report_holds() -> None:
    found = read_statistics(saved_tables("pingtan-nb-2024.html"), [], title=None, report_year=2024)
    checks = run_checks(found.figures, (), lines=[], title=None, report_year=2024, form="f21")
    sums = [check for check in checks if check.rule in ("R1", "R2", "R3", "R4")]
    assert len(sums) == 7 + 7 + 25 + 3
    assert {check.state for check in sums} == {CheckState.HOLDS}


def seed_lines() -> list[str]:
    [path] = (shared_folder() / "seeds").glob("001_*.txt")
    return [line for line in path.read_text("utf-8").splitlines() if line.strip()]


def test_the_flattened_report_has_57_values_and_its_budget_is_missing() -> None:
    found = read_statistics([], seed_lines(), title=None, report_year=2016)
    keys = [figure.indicator for figure in found.figures]
    wanted = [f"f14.{row.key}" for row in form("f14").rows if not row.group]
    assert keys == [key for key in wanted if key != "f14.org.budget_wanyuan"]
    assert {figure.state for figure in found.figures} == {CellState.GIVEN}
    values = {f.indicator: f.value for f in found.figures}
    assert values["f14.proactive.total"] == 13100
    assert values["f14.litigation.upheld"] == 6
    assert values["f14.training.trainees"] == 82


def test_the_flattened_report_breaks_the_rules_that_it_is_known_to_break() -> None:
    lines = seed_lines()
    found = read_statistics([], lines, title=None, report_year=2016)
    title = "2016年崇川区政府信息公开工作年度报告"
    prose = read_prose(lines, year=2016)
    checks = run_checks(
        found.figures, prose, lines=lines, title=title, report_year=2016, form="f14"
    )
    broken = {(c.rule, c.scope) for c in checks if c.state is CheckState.VIOLATED}
    assert broken == {("R16", ""), ("R17", "reply"), ("R18", "litigation_other")}
    held = {c.rule for c in checks if c.state is CheckState.HOLDS}
    assert held >= {f"R{n}" for n in (8, 9, 10, 11, 12, 13, 14, 15, 18, 21)}
    assert not [c for c in checks if c.state is CheckState.NOT_ASSESSABLE]


def narrow(label: str) -> str:
    """A label as a narrow PDF column breaks it."""
    return "<br>".join(label[place : place + 3] for place in range(0, len(label), 3))


def test_every_cell_of_the_report_from_a_pdf_is_read() -> None:
    path = shared_folder() / "files" / "hongze-2024-report.tables.json"
    gold = json.loads(path.read_text("utf-8"))
    two = "<tr><td>信息内容<td>本年制发件数<td>本年废止件数<td>现行有效件数"
    for label, value in gold["section2"].items():
        two += f"<tr><td>{narrow(label)}" + "".join(f"<td>{n}" for n in flat(value))
    rows = [
        f"<tr><td>{narrow(label)}" + "".join(f"<td>{n}" for n in flat(value))
        for label, value in gold["section3"].items()
    ]
    four = "<tr><td>结果维持" + "<tr>" + "".join(f"<td>{n}" for n in gold["section4"])
    pages = [two, "<tr><td>申请人情况" + "".join(rows[:9]), "".join(rows[9:]), four]
    tables = [read_table(html.fromstring(f"<table>{page}</table>")) for page in pages]
    found = read_statistics(tables, [], title=None, report_year=2024)
    assert numbers(of(found, "s2")) == decimals(flat(gold["section2"]))
    assert numbers(of(found, "s3")) == decimals(flat(gold["section3"]))
    assert numbers(of(found, "s4")) == decimals(flat(gold["section4"]))
    checks = run_checks(found.figures, (), lines=[], title=None, report_year=2024, form="f21")
    assert not [c for c in checks if c.state is CheckState.VIOLATED]


def template_tables() -> list[Table]:
    """The tables of the official template, from Word's XML to the same cells in HTML."""
    with zipfile.ZipFile(shared_folder() / "files" / "annual-report-template.docx") as archive:
        root = ET.fromstring(archive.read("word/document.xml"))  # noqa: S314 - a file of our own folder
    made = []
    for table in root.iter(f"{WORD}tbl"):
        rows = []
        for row in table.iter(f"{WORD}tr"):
            cells = []
            for cell in row.iter(f"{WORD}tc"):
                span = cell.find(f".//{WORD}gridSpan")
                merge = cell.find(f".//{WORD}vMerge")
                width = "1" if span is None else span.get(f"{WORD}val", "1")
                text = "<br>".join("".join(p.itertext()) for p in cell.iter(f"{WORD}p"))
                reaching = merge is not None and merge.get(f"{WORD}val") != "restart"
                cells.append(f"<td colspan={width}>{'' if reaching else text}")
            rows.append("<tr>" + "".join(cells))
        made.append(read_table(html.fromstring(f"<table>{''.join(rows)}</table>")))
    return made


def test_the_official_template_has_all_200_cells_and_each_is_blank() -> None:
    found = read_statistics(template_tables(), [], title=None, report_year=None)
    assert found.form == "f21"
    assert len(found.figures) == 10 + 25 * 7 + 15
    assert all(figure.indicator is not None for figure in found.figures)
    assert {figure.state for figure in found.figures} == {CellState.BLANK}
