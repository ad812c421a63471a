"""Old Word files as the installed programs really read them: a report written by LibreOffice."""

import shutil
import subprocess
from dataclasses import replace
from html import escape

import pytest

from archive.model.reading import Reading, Source
from archive.reading.files.magic import kind_of
from archive.reading.read import read
from archive.work.ingest.converters import Programs, installed, with_conversion
from tests.reading.files.made_files import ADDRESS, figures, rules
from tests.reading.files.office import zipped
from tests.reading.files.report import Rows, report

REPORT = report(3)
pytestmark = pytest.mark.skipif(installed().soffice is None, reason="LibreOffice is not installed")


def table(rows: Rows) -> str:
    lines = (
        "".join(f'<td rowspan="{h}" colspan="{w}">{escape(text)}</td>' for text, h, w in row)
        for row in rows
    )
    return f'<table border="1">{"".join(f"<tr>{line}</tr>" for line in lines)}</table><p></p>'


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The report as .doc and .rtf."""
    folder = tmp_path_factory.mktemp("word")
    paragraphs = "".join(f"<p>{text}</p>" for text in REPORT.paragraphs)
    tables = "".join(map(table, REPORT.tables))
    body = f'<html><head><meta charset="utf-8"></head><body>{paragraphs}{tables}</body></html>'
    (folder / "report.html").write_text(body, "utf-8")
    for kind in ("doc:MS Word 97", "rtf"):
        subprocess.run(
            [
                installed().soffice or "", "--headless",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                "--infilter=HTML (StarWriter)", "--convert-to", kind,
                "--outdir", folder, folder / "report.html",
            ],
            check=True, capture_output=True, timeout=100,
        )  # fmt: skip
    return {kind: (folder / f"report.{kind}").read_bytes() for kind in ("doc", "rtf")}


def converted(body: bytes, programs: Programs | None = None) -> Reading:
    return read(with_conversion(Source(url=ADDRESS, body=body), programs))


@pytest.mark.parametrize("kind", ["doc", "rtf"])
def test_libreoffice_reads_every_cell(written: dict[str, bytes], kind: str) -> None:
    assert kind_of(written[kind]) == kind
    reading = converted(written[kind])
    assert figures(reading) == REPORT.truth
    assert reading.lines[: len(REPORT.paragraphs)] == REPORT.paragraphs
    assert reading.findings[0].rule == "file_converted"


def test_a_word_file_in_a_zip_gives_the_same(written: dict[str, bytes]) -> None:
    assert figures(converted(zipped({"年报.doc": written["doc"]}))) == REPORT.truth


@pytest.mark.skipif(shutil.which("antiword") is None, reason="antiword is not installed")
def test_antiword_gives_the_text_and_no_wrong_figure(written: dict[str, bytes]) -> None:
    """Its bars do not hold joined cells: what is not placed is a finding, never a guess."""
    reading = converted(written["doc"], replace(installed(), soffice=None))
    assert reading.lines[: len(REPORT.paragraphs)] == REPORT.paragraphs
    placed = {key: value for key, value in figures(reading).items() if key[0] is not None}
    assert placed
    assert placed.items() <= REPORT.truth.items()
    assert {"unplaced_cells", "missing_rows"} <= set(rules(reading))


def test_a_file_cut_short_is_told(written: dict[str, bytes]) -> None:
    reading = converted(written["doc"][:9_000])
    assert (reading.figures, rules(reading)) == ((), ["file_unreadable"])
