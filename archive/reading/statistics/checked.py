"""The figures of a report and the rules over them, with every violated rule as a finding."""

from dataclasses import dataclass

from archive.model.reading import Check, CheckState, Figure, Finding, Kind, Severity
from archive.reading.statistics.checks import run_checks
from archive.reading.statistics.read import read_statistics
from archive.reading.text.lines import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Figures, checks and findings of a report; empty for other pages and rehosted ones."""

    figures: tuple[Figure, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()


def checked(
    kind: Kind, text: Text, title: str | None, year: int | None, *, official: bool
) -> Checked:
    """What the statistics of a page say and whether they agree with each other."""
    if kind is not Kind.REPORT or not official:
        return Checked()
    statistics = read_statistics(text.tables, text.lines, title=title, report_year=year)
    checks = run_checks(
        statistics.figures,
        lines=text.lines,
        title=title,
        report_year=year,
        form=statistics.form,
    )
    return Checked(
        figures=statistics.figures,
        checks=checks,
        findings=(*statistics.findings, *map(_finding, filter(_violated, checks))),
    )


def _violated(check: Check) -> bool:
    return check.state is CheckState.VIOLATED


def _finding(check: Check) -> Finding:
    return Finding(
        rule=check.rule,
        severity=Severity.WARNING,
        message=f"{check.scope}: {check.message}" if check.scope else check.message,
        evidence=check.evidence,
    )
