"""How answers look: lines for people to read."""

from collections.abc import Iterable, Sequence
from typing import Any

from archive.model.content import printable
from archive.model.reading import Field, Finding, Statement
from archive.terminal import Column, Ui, counted, iso, shown
from archive.work.diff import Change, LineChange, Part
from archive.work.query.compare import Comparison, near_changes
from archive.work.query.json import figure_change_json
from archive.work.query.show import PageView
from archive.work.query.status import Status

_NEXT_VISITS = 10
_BAD_PORTALS = 20
_FIELD_COLUMNS = (
    Column(key="name", heading="field"),
    Column(key="value", heading="value", elastic=True),
    Column(key="printed", heading="printed", elastic=True),
    Column(key="origin", heading="origin"),
)
_FIGURE_COLUMNS = (
    Column(key="indicator", heading="indicator"),
    Column(key="applicant", heading="applicant"),
    Column(key="old", heading="old", right=True),
    Column(key="new", heading="new", right=True),
    Column(key="difference", heading="difference", right=True),
    Column(key="label", heading="label", elastic=True),
)
_STATEMENT_COLUMNS = (
    Column(key="concept", heading="stated in prose"),
    Column(key="value", heading="value", right=True),
    Column(key="unit", heading="unit"),
    Column(key="period", heading="period"),
    Column(key="line", heading="line", right=True),
    Column(key="sentence", heading="sentence", elastic=True),
)
_RUN_COLUMNS = (
    Column(key="run", heading="run", right=True),
    Column(key="job", heading="job", elastic=True),
    Column(key="started_at", heading="started"),
    Column(key="status", heading="status"),
    Column(key="verdict", heading="verdict"),
    Column(key="left", heading="left", right=True),
    Column(key="counted", heading="outcomes", elastic=True),
    Column(key="reason", heading="reason", below=True),
)
_SILENT_COLUMNS = (
    Column(key="portal", heading="portal"),
    Column(key="name", heading="name", elastic=True),
    Column(key="since", heading="last content"),
    Column(key="why", heading="why", below=True),
)
_BAD_COLUMNS = (
    Column(key="portal", heading="portal"),
    Column(key="name", heading="name", elastic=True),
    Column(key="verdict_reason", heading="why", below=True),
)
_VISIT_COLUMNS = (
    Column(key="portal", heading="portal"),
    Column(key="name", heading="name", elastic=True),
    Column(key="at", heading="next visit"),
    Column(key="why", heading="why", below=True),
)


def print_page(ui: Ui, view: PageView) -> None:
    """A version as people read it: what it is, its fields, its text, its findings."""
    version = view.version
    ui.line(printable(version.title or "(no title)"))
    ui.line(view.page.key)
    numbered = f"version {version.number} of {view.page.versions}"
    known = (version.portal_key, version.kind, version.report_year, numbered)
    ui.line(" · ".join(shown(each) for each in (*known, version.captured_at) if each))
    if view.earlier_readers:
        ui.line(_readers(version.reader_version, view.earlier_readers, view.parts.findings))
    ui.line()
    if view.parts.fields:
        print_fields(ui, view.parts.fields)
        ui.line()
    print_text(ui, version.text.split("\n"))
    if view.parts.figures:
        ui.line(
            f"\n{counted(len(view.parts.figures), 'figure')} (--json, or gongkai export figures)"
        )
    print_statements(ui, view.parts.statements)
    print_findings(ui, view.parts.findings)


def _readers(today: str, earlier: Sequence[str], findings: Iterable[Finding]) -> str:
    """Who read a version. Of a reader that read it twice only what it read last can be shown.

    >>> _readers("5", ["4", "5"], [])
    'read by reader 5, later once more, before by 4 (--reader N)'
    """
    again = ""
    if today in earlier:
        from_pictures = any(each.rule == "read_from_pictures" for each in findings)
        again = ", its pictures later" if from_pictures else ", later once more"
    others = ", ".join(shown(each) for each in earlier if each != today)
    before = f", before by {others} (--reader N)" if others else ""
    return f"read by reader {shown(today)}{again}{before}"


def print_fields(ui: Ui, fields: Iterable[Field]) -> None:
    """Header fields as a table: value, what was printed where that differs, where it stood."""
    ui.table(map(_field, fields), _FIELD_COLUMNS)


def print_text(ui: Ui, lines: Iterable[str]) -> None:
    """A text line by line, the cells of a table's row apart."""
    for line in lines:
        ui.line(" | ".join(printable(cell) for cell in line.split("\t")))


def print_statements(ui: Ui, statements: Sequence[Statement]) -> None:
    """Numbers that the prose states as a table, each marked in its sentence; nothing without."""
    rows = [
        {
            **{c.key: getattr(each, c.key) for c in _STATEMENT_COLUMNS},
            "sentence": f"{each.sentence[: each.at]}«{each.printed}»"
            f"{each.sentence[each.at + len(each.printed) :]}",
        }
        for each in statements
    ]
    if rows:
        ui.line("")
        ui.table(rows, _STATEMENT_COLUMNS)


def print_findings(ui: Ui, findings: Iterable[Finding]) -> None:
    """Doubts, one a line."""
    for finding in findings:
        parts = (finding.severity.value, finding.rule, finding.message, finding.evidence)
        ui.line(" · ".join(printable(each) for each in parts if each))


def print_comparison(ui: Ui, compared: Comparison) -> None:
    """A comparison as people read it: changed lines with a neighbour, then figures and fields."""
    old, new = compared.old, compared.new
    ui.line(compared.page.key)
    times = iso(old.captured_at), iso(new.captured_at)
    ui.line(f"version {old.number} ({times[0]}) → {new.number} ({times[1]})")
    ui.line()
    for line in near_changes(compared.lines):
        for text in ["  …"] if line is None else _diff_lines(line):
            ui.line(text)
    if compared.figures:
        ui.line("\nfigures")
        ui.table([figure_change_json(change) for change in compared.figures], _FIGURE_COLUMNS)
    for change in compared.fields:
        was, now = (each.printed if each else "absent" for each in (change.old, change.new))
        ui.line(f"field {printable(change.name)}: {printable(was)} → {printable(now)}")
    if not (
        compared.figures
        or compared.fields
        or any(line.change is not Change.SAME for line in compared.lines)
    ):
        alone = compared.page.versions == 1
        ui.line("there is only this version: no difference" if alone else "no difference")


def print_status(ui: Ui, found: Status) -> None:
    """The state of the archive as people read it."""
    pages, reports = (sum(getattr(p, what) for p in found.portals) for what in ("pages", "reports"))
    portals = counted(len(found.portals), "portal")
    ui.line(f"{portals}, {counted(pages, 'page')}, {reports:,} of them reports")
    waiting = ", ".join(f"{count:,} {state}" for state, count in found.frontier.items())
    ui.line(f"frontier: {waiting or 'nothing left'}")
    told = [
        {**_record(run), "job": _job(run.job), "counted": _counted(run.counts)}
        for run in found.runs
    ]
    _section(ui, "runs", told, _RUN_COLUMNS)
    bad = [_record(portal) for portal in found.portals if portal.verdict == "bad"]
    _section(ui, "bad in their latest run", bad[:_BAD_PORTALS], _BAD_COLUMNS)
    if len(bad) > _BAD_PORTALS:
        ui.line(f"and {len(bad) - _BAD_PORTALS:,} more (--json)")
    _section(ui, "gone silent", map(_record, found.silent), _SILENT_COLUMNS)
    soonest = found.next_visits[:_NEXT_VISITS]
    rows = [{**_record(visit), "at": visit.at or "with the next crawl"} for visit in soonest]
    _section(ui, "next visits", rows, _VISIT_COLUMNS)
    if len(found.next_visits) > len(soonest):
        ui.line(f"and {len(found.next_visits) - len(soonest):,} more (--json)")


def _section(
    ui: Ui, title: str, rows: Iterable[dict[str, object]], columns: Sequence[Column]
) -> None:
    listed = list(rows)
    if listed:
        ui.line(f"\n{title}")
        ui.table(listed, columns)


def _record(thing: Any) -> dict[str, object]:
    return {name: getattr(thing, name) for name in thing.__dataclass_fields__}


def _field(field: Field) -> dict[str, object]:
    """A field; what was printed only where it differs from the value."""
    printed = None if field.printed == field.value else field.printed
    return {**_record(field), "printed": printed}


def _job(job: str) -> str:
    """A run's job in a word or two, however many portals were named.

    >>> _job("crawl http://a.cn/ http://b.cn/ --full"), _job("crawl pingtan"), _job("import")
    ('crawl 2 portals --full', 'crawl pingtan', 'import')
    """
    command, *words = job.split()
    targets = [each for each in words if each != "--full"]
    if len(targets) < 2:
        return job
    return " ".join((command, f"{len(targets):,} portals", *words[len(targets) :]))


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))


def _diff_lines(line: LineChange) -> list[str]:
    if line.change is Change.SAME:
        return [f"  {_cells(part.text for part in line.old)}"]
    whole = line.change is not Change.CHANGED
    lines = []
    if line.old:
        lines.append(f"- {_cells(_word(part, '[-', '-]', whole=whole) for part in line.old)}")
    if line.new:
        lines.append(f"+ {_cells(_word(part, '{+', '+}', whole=whole) for part in line.new)}")
    return lines


def _word(part: Part, before: str, behind: str, *, whole: bool) -> str:
    return f"{before}{part.text}{behind}" if part.changed and not whole else part.text


def _cells(texts: Iterable[str]) -> str:
    return " | ".join(printable(cell) for cell in "".join(texts).split("\t"))
