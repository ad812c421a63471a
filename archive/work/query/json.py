"""Answers as plain dictionaries: what --json prints and what the API sends, in one spelling."""

from typing import Any

from archive.model.optical import OpticalFigure
from archive.model.reading import Figure, Statement
from archive.work.diff import Change, FieldChange, FigureChange, LineChange
from archive.work.query.compare import Comparison
from archive.work.query.show import PageView, fields_as_map
from archive.work.query.status import Status


def page_json(view: PageView) -> dict[str, Any]:
    """A version with its parts as scripts get it; names as in the exported tables."""
    version = view.version
    return {
        "url": view.page.key,
        "portal": version.portal_key,
        "kind": version.kind,
        "title": version.title,
        "report_year": version.report_year,
        "version": version.number,
        "versions": view.page.versions,
        "captured_at": version.captured_at,
        "first_captured_at": view.page.first_captured_at,
        "last_captured_at": view.page.last_captured_at,
        "content_hash": version.content_hash,
        "official": version.official,
        "reader_version": version.reader_version,
        "text": version.text,
        "fields": fields_as_map(view.parts.fields),
        "figures": [
            {**figure_json(figure), **seen_json(view.parts.seen.get(position))}
            for position, figure in enumerate(view.parts.figures)
        ],
        "statements": [statement_json(each) for each in view.parts.statements],
        "findings": [
            {"rule": f.rule, "severity": f.severity, "message": f.message, "evidence": f.evidence}
            for f in view.parts.findings
        ],
    }


def figure_json(figure: Figure) -> dict[str, Any]:
    """A figure in the columns of the exported table."""
    return {
        "form": figure.form,
        "indicator": figure.indicator,
        "label": figure.label,
        "applicant": figure.applicant,
        "value": figure.value,
        "unit": figure.unit,
        "printed": figure.printed,
        "state": figure.state,
        "place": figure.where,
    }


def seen_json(seen: OpticalFigure | None) -> dict[str, Any]:
    """How sure a figure is that was read from a picture, and where it stands there, in the columns
    of the exported table; all None for one that was read from text.
    """
    box = seen.place.box if seen else None
    return {
        "origin": "ocr" if seen else None,
        "confirmation": seen.certainty if seen else None,
        "confidence": seen.place.confidence if seen else None,
        "box_page": box and box.page,
        "box_x": box and box.x,
        "box_y": box and box.y,
        "box_width": box and box.width,
        "box_height": box and box.height,
    }


def statement_json(statement: Statement) -> dict[str, Any]:
    """A statement in the columns of the exported table."""
    return {
        "concept": statement.concept,
        "value": statement.value,
        "unit": statement.unit,
        "printed": statement.printed,
        "state": statement.state,
        "period": statement.period,
        "sentence": statement.sentence,
        "line": statement.line,
    }


def comparison_json(compared: Comparison) -> dict[str, Any]:
    """A comparison as scripts get it; unchanged lines are left out."""
    return {
        "url": compared.page.key,
        "old": {"version": compared.old.number, "captured_at": compared.old.captured_at},
        "new": {"version": compared.new.number, "captured_at": compared.new.captured_at},
        "lines": [line_json(line) for line in compared.lines if line.change is not Change.SAME],
        "figures": [figure_change_json(change) for change in compared.figures],
        "fields": [field_change_json(change) for change in compared.fields],
    }


def status_json(found: Status) -> dict[str, Any]:
    """The state of the archive as scripts get it, all portals included."""
    return {
        "runs": found.runs,
        "frontier": found.frontier,
        "silent": found.silent,
        "next_visits": found.next_visits,
        "portals": found.portals,
    }


def line_json(line: LineChange) -> dict[str, Any]:
    """A line of a comparison; old or new is None where it stands on one side alone."""
    return {
        "change": line.change,
        "old": "".join(part.text for part in line.old) if line.old else None,
        "new": "".join(part.text for part in line.new) if line.new else None,
        "old_line": line.old_number,
        "new_line": line.new_number,
    }


def field_change_json(change: FieldChange) -> dict[str, object]:
    """A changed header field; old and new are what was printed, None where it is absent."""
    return {
        "change": change.change,
        "name": change.name,
        "old": change.old.printed if change.old else None,
        "new": change.new.printed if change.new else None,
    }


def figure_change_json(change: FigureChange) -> dict[str, object]:
    """A changed figure; old and new are the number, or in which way there is none."""
    return {
        "change": change.change,
        "form": change.form,
        "indicator": change.indicator,
        "label": change.label,
        "applicant": change.applicant,
        "old": _figure_json(change.old),
        "new": _figure_json(change.new),
        "difference": change.difference,
    }


def _figure_json(figure: Figure | None) -> object:
    """The number, or in which way there is none."""
    if figure is None:
        return None
    return figure.value if figure.value is not None else figure.state
