"""Runs read: one page as the reader sees it, and why, without an archive."""

import argparse
from pathlib import Path

from archive.cli.place import home_named
from archive.cli.render import print_fields, print_findings, print_statements, print_text
from archive.command import BAD, DONE, ledger_of
from archive.families.registry import families
from archive.model.content import printable
from archive.model.errors import UsageError
from archive.model.outcome import Role
from archive.reading.explain import Explanation
from archive.terminal import Column, Ui, counted
from archive.work.open_archive import open_archive
from archive.work.query.read_page import Given, Visit, read_archived, read_file, read_visited

_TABLES = (
    Column(key="number", heading="table", right=True),
    Column(key="size", heading="rows × columns", right=True),
    Column(key="figures", heading="figures", right=True),
    Column(key="known", heading="with indicator", right=True),
    Column(key="caption", heading="caption", elastic=True),
)
_FIGURES = (
    Column(key="indicator", heading="indicator"),
    Column(key="applicant", heading="applicant"),
    Column(key="printed", heading="printed", right=True),
    Column(key="state", heading="state"),
    Column(key="where", heading="stands in"),
    Column(key="label", heading="label", elastic=True),
)


def run_read(args: argparse.Namespace, ui: Ui, visit: Visit) -> int:
    """Prints what is read of one page; `visit` fetches a URL into a home that is thrown away."""
    given = Given(
        url=args.url, role=Role(args.role), family=_family(args.family), division=args.division
    )
    found = _explanation(args, ui, given, visit)
    if ui.as_json:
        ui.json(found if args.explain else found.reading)
    else:
        _print(ui, found, explained=args.explain)
    reading = found.reading
    failed = any(each.rule == "reader_failed" for each in reading.findings)
    return BAD if failed or reading.soft_404 or reading.blocked else DONE


def _explanation(args: argparse.Namespace, ui: Ui, given: Given, visit: Visit) -> Explanation:
    if args.archived:
        with open_archive(ledger_of(args)) as store:
            return read_archived(store, home_named(args), args.page, given)
    if "://" in args.page:
        return read_visited(args.page, visit, given)
    found = read_file(Path(args.page), given)
    if args.url is None:
        ui.note("links and doubts about the URL need to know it: --url says where it was saved")
    return found


def _family(key: str | None) -> str | None:
    known = [each.key for each in families()]
    if key is not None and key not in known:
        raise UsageError(f"there is no CMS family {key!r}; known are {', '.join(known)}")
    return key


def _print(ui: Ui, found: Explanation, *, explained: bool) -> None:
    reading = found.reading
    ui.line(printable(reading.title or "(no title)"))
    publisher = reading.publisher.name if reading.publisher else None
    facts = (reading.kind.value, reading.report_year, publisher, found.form)
    ui.line(" · ".join(str(each) for each in facts if each))
    for why in filter(None, (reading.soft_404, reading.blocked, reading.needs_browser)):
        ui.line(f"not read as a page: {printable(why)}")
    if reading.forward:
        ui.line(f"sends its reader on to {reading.forward.url} ({reading.forward.how})")
    if explained:
        _print_why(ui, found)
    if reading.fields:
        ui.line()
        print_fields(ui, reading.fields)
    ui.line()
    print_text(ui, reading.lines)
    if explained and reading.figures:
        ui.line("")
        ui.table([{c.key: getattr(f, c.key) for c in _FIGURES} for f in reading.figures], _FIGURES)
    elif reading.figures:
        ui.line(f"\n{counted(len(reading.figures), 'figure')} (--explain shows them)")
    print_statements(ui, reading.statements)
    for link in reading.links if explained else ():
        ui.line(f"{link.role.value}: {printable(link.text)} {link.url}")
    print_findings(ui, reading.findings)


def _print_why(ui: Ui, found: Explanation) -> None:
    reading = found.reading
    certain = {True: "sure", False: "likely", None: ""}[found.container_certain]
    charset = " / ".join(filter(None, (reading.charset_declared, reading.charset_used)))
    why = {
        "reader": f"version {reading.reader_version}",
        "file type": found.file_type,
        "charset": f"{charset} (declared / used)" if charset else None,
        "family": f"{found.family or 'none'} ({', '.join(found.evidence) or 'no marks met'})"
        if found.file_type is None else None,
        "read as": found.read_as,
        "container": f"{found.container} ({certain}, by {found.container_found_by})"
        if found.container else None,
        "title from": found.title_from,
        **{f"header box {n}": f"{box.element}: {'、'.join(box.labels)}"
           for n, box in enumerate(found.boxes, 1)},
        "content hash": reading.content_hash,
    }  # fmt: skip
    ui.line("")
    ui.record({name: value for name, value in why.items() if value})
    if found.tables:
        ui.line("")
        rows = [
            {"number": t.number, "size": f"{t.rows} × {t.columns}", "figures": t.figures,
             "known": t.known, "caption": t.caption} for t in found.tables
        ]  # fmt: skip
        ui.table(rows, _TABLES)
