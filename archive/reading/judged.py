"""The figures of a report and the rules over them, with every violated rule as a finding."""

from dataclasses import dataclass

from archive.model.reading import Check, Figure, Finding, Kind
from archive.reading.statistics import read_statistics
from archive.reading.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Figures, checks and findings of a report; empty for everything else and for copies."""

    figures: tuple[Figure, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()


def judged(
    kind: Kind, text: Text, title: str | None, year: int | None, *, official: bool
) -> Judged:
    """What the statistics of a page say and whether they agree with each other."""
    if kind is not Kind.REPORT or not official:
        return Judged()
    statistics = read_statistics(text.tables, text.lines, title=title, report_year=year)
    return Judged(figures=statistics.figures, findings=statistics.findings)
