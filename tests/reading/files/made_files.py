"""What the tests ask of the reader."""

from decimal import Decimal

from archive.model.reading import Reading, Source
from archive.reading.read import read

ADDRESS = "http://www.example.gov.cn/zwgk/nb/P020240115.pdf"


def of(body: bytes, **known: str) -> Reading:
    """The reading of a file."""
    return read(Source(url=ADDRESS, body=body, **known))


def rules(reading: Reading) -> list[str]:
    """The rules of its findings."""
    return [finding.rule for finding in reading.findings]


def figures(reading: Reading) -> dict[tuple[str | None, str | None], Decimal | None]:
    """Every figure by indicator and applicant."""
    return {(figure.indicator, figure.applicant): figure.value for figure in reading.figures}


def grid(reading: Reading, number: int = 0) -> list[list[str]]:
    """The cells of a table by row, each at its anchor."""
    table = reading.tables[number]
    return [[cell.text for cell in table.cells if cell.row == row] for row in range(table.rows)]
