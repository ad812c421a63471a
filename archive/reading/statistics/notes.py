"""What a reader of tables writes down: figures, and doubts that end as findings."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from archive.model.reading import CellState, Figure, Finding, Severity
from archive.reading.statistics.rows import PrintedCell
from archive.reading.values.numbers import parse_number

_SHOWN = 8
_MEANING = {
    "unknown_rows": (Severity.INFO, "rows that no codebook knows are kept under their labels"),
    "misprinted_label": (Severity.INFO, "labels with misprints were read as the row they resemble"),
    "ambiguous_label": (Severity.WARNING, "labels that may mean several rows have no indicator"),
    "duplicate_row": (Severity.WARNING, "rows printed a second time have no indicator"),
    "unreadable_number": (Severity.WARNING, "cells that are no number have no value"),
    "unplaced_cells": (Severity.WARNING, "cells that fit no column have no indicator"),
    "blank_cells": (Severity.INFO, "cells are blank or hold a placeholder: not given, not zero"),
    "unit_differs": (Severity.WARNING, "printed units are not those of the form"),
    "absent_value": (Severity.INFO, "rows are printed without any value"),
    "group_value": (Severity.INFO, "values stand in rows that have none in the form"),
}


@dataclass(slots=True, kw_only=True)
class Notes:
    """Figures and doubts, in the order in which they were met."""

    form: str
    figures: list[Figure] = field(default_factory=list)
    doubts: dict[str, list[str]] = field(default_factory=dict)

    def doubt(self, rule: str, what: str) -> None:
        """Remember a doubt; all of one rule make one finding."""
        self.doubts.setdefault(rule, []).append(what)

    def figure(
        self,
        cell: PrintedCell,
        *,
        key: str | None,
        label: str,
        applicant: str | None = None,
        unit: str | None = None,
        usual_unit: str | None = None,
    ) -> None:
        """Write down one cell. key: without the form. unit: as printed beside it."""
        value, state, own_unit = parse_number(cell.text)
        printed_unit = own_unit or unit
        if value is None:
            if state is CellState.GIVEN:
                self.doubt("unreadable_number", f"{label}: {cell.text[:60]}")
            else:
                self.doubt("blank_cells", f"{label} ({cell.where})")
        if printed_unit and usual_unit and printed_unit != usual_unit:
            self.doubt("unit_differs", f"{label}: {printed_unit}, not {usual_unit}")
        self.figures.append(
            Figure(
                form=self.form,
                indicator=None if key is None else f"{self.form}.{key}",
                label=label,
                applicant=applicant,
                value=value,
                unit=printed_unit or usual_unit,
                printed=cell.text,
                state=state,
                where=cell.where,
            )
        )

    def unplaced(self, cells: Iterable[PrintedCell], label: str) -> None:
        """Write down cells of which only the row is known, or not even that."""
        kept = [cell for cell in cells if cell.text.strip()]
        for cell in kept:
            self.figure(cell, key=None, label=label)
        if kept:
            self.doubt("unplaced_cells", f"{label or 'no label'} ({kept[0].where})")

    def findings(self) -> tuple[Finding, ...]:
        """One finding a rule, with its count and the first few examples."""
        return tuple(_finding(rule, met) for rule, met in self.doubts.items())


def _finding(rule: str, met: list[str]) -> Finding:
    severity, meaning = _MEANING[rule]
    shown = "; ".join(met[:_SHOWN]) + ("; …" if len(met) > _SHOWN else "")
    return Finding(rule=rule, severity=severity, message=f"{len(met)} × {meaning}", evidence=shown)
