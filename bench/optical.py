"""Reading printed reports from pictures, beside tesseract on the same pages."""

import csv
import multiprocessing
import resource
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from archive.reading.optical.recognise import recognise
from tests.gate.pictured import Cells, read_pictures
from tests.gate.printed import Style, pictures
from tests.reading.files.report import Report, balanced

OURS, TESSERACT = "gongkai[ocr]", "tesseract, chi_sim"
_PAPER: Final = {
    "150 dpi": Style(dpi=150, jpeg=70, skew=0.6),
    "200 dpi, black and white": Style(dpi=200, fax=True, font="hei"),
    "100 dpi": Style(dpi=100, jpeg=60, font="microhei"),
    "a photograph": Style(dpi=200, photo=True, jpeg=60),
    "150 dpi, no ruled lines": Style(dpi=150, lines="none", font="hei"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One report, read by one program. right: of the numbers of its cells, `cells`; wrong: of
    ours, cells with another number; confirmed: those that a sum confirms all the same.
    """

    name: str
    paper: str
    pages: int
    cpu_s: float
    peak_mib: float
    right: int
    cells: int
    wrong: int | None = None
    confirmed: int | None = None


def measured() -> list[Read]:
    """Every kind of paper, read by both; tesseract only where it is installed."""
    found = []
    for seed, (paper, style) in enumerate(_PAPER.items()):
        made = balanced(seed)
        bodies = pictures(made, style, seed)
        found.append(_alone(_ours, paper, made, bodies))
        if shutil.which("tesseract"):
            found.append(_alone(_tesseract, paper, made, bodies))
    return found


def optical_table(found: Sequence[Read]) -> str:
    """A Markdown table."""
    lines = [
        "| pages | program | CPU s a page | peak memory | right | wrong | wrong, confirmed |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {r.paper} | {r.name} | {r.cpu_s / r.pages:.1f} | {r.peak_mib:.0f} MiB "
        f"| {r.right} of {r.cells} | {_number(r.wrong)} | {_number(r.confirmed)} |"
        for r in found
    ]
    return "\n".join(lines)


def _number(count: int | None) -> str:
    return "" if count is None else str(count)


def _alone(program: object, paper: str, made: Report, bodies: list[bytes]) -> Read:
    """In a process of its own, as its processor time and memory are asked for."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(program, (paper, made, bodies))  # type: ignore[arg-type]  # picklable


def _ours(paper: str, made: Report, bodies: list[bytes]) -> Read:
    recognise([])  # loads the models, once a process
    before = _cpu_s(resource.RUSAGE_SELF)
    reading, _ = read_pictures(bodies)
    cells = Cells()
    cells.take(made.truth, reading, paper)
    return Read(
        name=OURS, paper=paper, pages=len(bodies),
        cpu_s=_cpu_s(resource.RUSAGE_SELF) - before, peak_mib=_peak(resource.RUSAGE_SELF),
        right=cells.right, cells=cells.count, wrong=cells.wrong, confirmed=cells.wrong_confirmed,
    )  # fmt: skip


def _tesseract(paper: str, made: Report, bodies: list[bytes]) -> Read:
    """It lays no cells out: a number counts as right when it says it as often as it is printed."""
    said: Counter[str] = Counter()
    for body in bodies:
        said.update(_words(body))
    wanted = Counter(str(number) for number in made.truth.values())
    return Read(
        name=TESSERACT, paper=paper, pages=len(bodies),
        cpu_s=_cpu_s(resource.RUSAGE_CHILDREN), peak_mib=_peak(resource.RUSAGE_CHILDREN),
        right=sum((wanted & said).values()), cells=sum(wanted.values()),
    )  # fmt: skip


def _words(body: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page"
        page.write_bytes(body)
        command = ["tesseract", str(page), str(page), "-l", "chi_sim", "--psm", "3", "tsv"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"},
        )
        with page.with_suffix(".tsv").open(encoding="utf-8") as rows:
            for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield (row["text"] or "").strip()


def _cpu_s(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024
