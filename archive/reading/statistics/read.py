"""The statistics of a report: which form its tables have, and every cell of them as a figure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from archive.codebook.forms import FORMS, form
from archive.model.reading import Figure, Finding, Severity, Table
from archive.reading.statistics.flattened import dense_part, line_rows
from archive.reading.statistics.list_tables import ListReader
from archive.reading.statistics.notes import Notes
from archive.reading.statistics.rows import PrintedRow, table_rows
from archive.reading.statistics.section_tables import SectionReader

_YEARS = {"f14": range(2014, 2019), "f19": range(2019, 2021), "f21": range(2021, 2100)}
_PARTS = ("s2", "s3", "s4")
_MAX_LINES = 30_000
_MAX_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """form: f08, f14, f19, f21; None when the page has no statistics table. The figures are in
    the order of the tables; findings are doubts about them.
    """

    form: str | None
    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_statistics(
    tables: Sequence[Table],
    lines: Sequence[str],
    *,
    title: str | None,
    report_year: int | None,
) -> Statistics:
    """Every cell of the statistics tables of a report, from its tables or, where they are not
    mark-up any more, from its lines. Blank, absent and zero stay different: see CellState.
    """
    rows = list(table_rows(tables))[:_MAX_ROWS]
    name = _form_of("".join(row.text for row in rows), report_year) if rows else None
    lines = lines[:_MAX_LINES]
    if name is None:
        name = _form_of(
            "".join("".join(line.split()) for line in ([title or "", *lines])), report_year, need=3
        )
    if name is None:
        return Statistics(form=None)
    notes = _of_rows(name, rows)
    if not _is_whole(notes):
        notes = _with_lines(notes, lines)
    return _statistics(notes, tables)


def from_tables(tables: Sequence[Table], *, report_year: int | None) -> Statistics | None:
    """What read_statistics gives where the tables alone say all; None where it asks the lines."""
    rows = list(table_rows(tables))[:_MAX_ROWS]
    name = _form_of("".join(row.text for row in rows), report_year) if rows else None
    notes = _of_rows(name, rows) if name else None
    return _statistics(notes, tables) if notes and _is_whole(notes) else None


def _statistics(notes: Notes, tables: Sequence[Table]) -> Statistics:
    if not notes.figures:
        return Statistics(form=None)
    return Statistics(
        form=notes.form,
        figures=tuple(notes.figures),
        findings=(*notes.findings(), *_refused(tables), *_missing(notes)),
    )


def _has_sections(name: str) -> bool:
    return any(row.part for row in form(name).rows)


def _of_rows(name: str, rows: Sequence[PrintedRow]) -> Notes:
    notes = Notes(form=name)
    reader = SectionReader(notes) if _has_sections(name) else ListReader(notes)
    for row in rows:
        reader.take(row)
    return notes


def _is_whole(notes: Notes) -> bool:
    """Whether every table of the form was met: then lines are not asked."""
    if not _has_sections(notes.form):
        return any(figure.indicator for figure in notes.figures)
    return all(_has_part(notes, part) for part in _PARTS)


def _with_lines(notes: Notes, lines: Sequence[str]) -> Notes:
    """What the tables say, with the parts of the form that only the lines hold."""
    spare = Notes(form=notes.form)
    if not _has_sections(notes.form):
        by_label = ListReader(spare)
        for row in _from_lines(lines, by_label.labels.knows):
            by_label.take(row)
        return spare
    reader = SectionReader(spare)
    for row in _from_lines(lines, reader.knows):
        reader.take(row)
    found = {part for part in _PARTS if _has_part(notes, part)}
    fresh = [part for part in _PARTS if part not in found and _has_part(spare, part)]
    if fresh and not found:
        return spare
    prefixes = tuple(f"{notes.form}.{part}." for part in fresh)
    notes.figures += [f for f in spare.figures if (f.indicator or "").startswith(prefixes)]
    return notes


def _from_lines(lines: Sequence[str], knows: Callable[[str], bool]) -> Iterator[PrintedRow]:
    begin, end = dense_part(lines, knows)
    yield from line_rows(lines[begin:end], knows, first=begin + 1)


def _has_part(notes: Notes, part: str) -> bool:
    prefix = f"{notes.form}.{part}."
    return any((figure.indicator or "").startswith(prefix) for figure in notes.figures)


def _form_of(text: str, report_year: int | None, need: int = 1) -> str | None:
    """The form whose marks the text carries most of; the year decides between f19 and f21."""
    scores = {name: sum(mark in text for mark in form(name).marks) for name in FORMS}
    best = max(FORMS, key=lambda name: scores[name])
    if scores[best] >= need and (best != "f08" or scores[best] >= 2):
        return best
    shared = sum(mark in text for mark in form("f21").shared_marks)
    if shared < 2:
        return None
    if report_year is not None and report_year in _YEARS["f19"]:
        return "f19"
    return "f21" if report_year is not None or "逾期不补正" in text else "f19"


def _refused(tables: Sequence[Table]) -> tuple[Finding, ...]:
    """A table that was too large to be laid out has a size but no cells."""
    return tuple(
        Finding(
            rule="table_refused",
            severity=Severity.WARNING,
            message="a table is too large to be a table of a report and was not read",
            evidence=f"table {number}: {table.rows} × {table.columns}",
        )
        for number, table in enumerate(tables, 1)
        if table.rows and table.columns and not table.cells
    )


def _missing(notes: Notes) -> tuple[Finding, ...]:
    """Rows of the form that are not there: absent, which is neither blank nor zero."""
    met = {figure.indicator for figure in notes.figures}
    found = form(notes.form)
    missing = [
        row.label
        for row in found.rows
        if not (row.group or row.optional or row.part == "s4" or notes.form == "f08")
        and not {f"{notes.form}.{row.key}", *(f"{notes.form}.{row.key}.{c}" for c in row.cells)}
        & met
    ]
    if not missing:
        return ()
    return (
        Finding(
            rule="missing_rows",
            severity=Severity.INFO,
            message=f"{len(missing)} rows of the form have no value in this report",
            evidence="; ".join(missing[:8]) + ("; …" if len(missing) > 8 else ""),
        ),
    )
