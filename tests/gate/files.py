"""The real files beside the pages: every cell of a PDF report, a blank form, an attachment."""

import json
from decimal import Decimal
from pathlib import Path

from archive.model.reading import CellState, Reading, Source
from archive.reading.read import read
from tests.gate.score import Score, spelled

_PARTS = ("2", "3", "4")
_ATTACHMENT = ("江西省投资项目“容缺审批+承诺制”办理模式事项清单", "建设项目用地预审与选址意见书")


def score_files(score: Score, files: Path) -> None:
    """Scores the cells and the text of the files as `file_cells` and `file_text`."""
    report = _read(files / "hongze-2024-report.pdf")
    gold = json.loads((files / "hongze-2024-report.tables.json").read_text("utf-8"))
    for part in _PARTS:
        found = [f.value for f in report.figures if (f.indicator or "")[:6] == f"f21.s{part}"]
        wanted = numbers(gold[f"section{part}"])
        found += [None] * (len(wanted) - len(found))
        for number, (want, got) in enumerate(zip(wanted, found, strict=False)):
            told = f"section {part}, cell {number + 1}: {got} instead of {want}"
            score.count("file_cells", "hongze-2024", told, met=want == got)
    blank = [f.state for f in _read(files / "annual-report-template.docx").figures]
    met = blank == [CellState.BLANK] * 200
    score.count("file_cells", "template", f"{len(blank)} cells", met=met)
    said = spelled("\n".join(_read(files / "jiangxi-attachment.pdf").lines))
    for wanted in _ATTACHMENT:
        score.count("file_text", "jiangxi", wanted, met=spelled(wanted) in said)


def _read(file: Path) -> Reading:
    url = f"http://www.example.gov.cn/files/{file.name}"
    return read(Source(url=url, body=file.read_bytes()))


def numbers(value: object) -> list[Decimal]:
    """All numbers of gold, in their order."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [Decimal(str(value))]
