"""The numbers of a report and the rules over them, with every violated rule as a finding."""

from collections.abc import Sequence
from dataclasses import dataclass

from archive.model.reading import (
    Check,
    CheckState,
    Figure,
    Finding,
    Severity,
    Statement,
    Table,
)
from archive.reading.statistics.certainty import contradictions
from archive.reading.statistics.checks import run_checks
from archive.reading.statistics.plan import planned_statistics
from archive.reading.statistics.prose import read_prose


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the numbers of a report are, and whether they agree; the default is that of every other
    page.
    """

    figures: tuple[Figure, ...] = ()
    statements: tuple[Statement, ...] = ()
    checks: tuple[Check, ...] = ()
    findings: tuple[Finding, ...] = ()


def checked(
    tables: Sequence[Table],
    lines: Sequence[str],
    *,
    title: str | None,
    year: int | None,
    pictured: bool = False,
) -> Checked:
    """What the statistics of a report say and whether they agree with each other. pictured: they
    were read from pictures; of sums that fail findings name the cells that may be misread.
    """
    statistics = planned_statistics(tables, lines, title=title, report_year=year)
    statements = read_prose(lines, year=year)
    checks = run_checks(
        statistics.figures,
        statements,
        lines=lines,
        title=title,
        report_year=year,
        form=statistics.form,
    )
    return Checked(
        figures=statistics.figures,
        statements=statements,
        checks=checks,
        findings=(
            *statistics.findings,
            *map(_finding, filter(_violated, checks)),
            *(contradictions(statistics.figures) if pictured else ()),
        ),
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
