"""What reread prints: versions that differ, notes about captures, counts."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import IO, Final, Self

from archive.model.reading import Finding
from archive.reading import READER_VERSION
from archive.terminal import Ui, counted, iso, shown
from archive.work.diff import Change, diff_fields, diff_figures, diff_lines
from archive.work.preservation.reread import PARTS, PageReport, ReadAgain
from archive.work.preservation.reread_notes import Note, What
from archive.work.query.json import field_change_json, figure_change_json, line_json

_MAX_SHOWN: Final = 5
_IN_MEMORY: Final = 1_000_000
_SINGLE: Final = ("title", "kind", "report_year", "body", "official", "family")
_MEANINGS: Final = {
    What.LOST: "cannot be read",
    What.NO_PAGE: "no page to today's reader",
    What.EQUAL: "equal neighbours",
    What.MADE: "a version of a capture that had made none",
    What.PASSED: "a page that an older reader missed",
}


class RereadReport:
    """Collects what is to be printed at the end, on disk where it is long; a context."""

    def __init__(self, ui: Ui, *, is_dry: bool) -> None:
        self._ui, self._is_dry = ui, is_dry
        self._versions, self._notes = _spool(), _spool()
        self._counts: Counter[str] = Counter()
        self._parts: Counter[str] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._versions.close()
        self._notes.close()

    @property
    def lost(self) -> int:
        """How many captures could not be read."""
        return self._counts[What.LOST]

    def take(self, page: PageReport) -> None:
        """Adds a page."""
        self._counts["pages"] += 1
        for each in page.versions:
            self._counts["versions"] += 1
            if not (differing := each.differing):
                continue
            self._counts["differing"] += 1
            self._parts.update(differing)
            if self._ui.as_json:
                self._versions.write(self._ui.spelled_json(_json(page.url, each)) + "\n")
            elif self._is_dry:
                self._versions.writelines(f"{line}\n" for line in _lines(page.url, each))
        for note in page.notes:
            self._counts[note.what] += 1
            spelled = self._ui.spelled_json(note) if self._ui.as_json else _note_line(note)
            self._notes.write(spelled + "\n")

    def print(self) -> None:
        """Everything, the counts at the end."""
        if self._ui.as_json:
            self._print_json()
            return
        for spool in (self._versions, self._notes):
            for line in _read(spool):
                self._ui.line(line)
        self._ui.line(self._summary())

    def _print_json(self) -> None:
        self._ui.line("{")
        for name, spool in (("versions", self._versions), ("notes", self._notes)):
            self._ui.line(f'"{name}": [')
            before = ""
            for line in _read(spool):
                self._ui.line(f"{before}{line}")
                before = ","
            self._ui.line("],")
        counts = {
            "pages": self._counts["pages"],
            "versions": self._counts["versions"],
            "differing": self._counts["differing"],
            "parts": {name: self._parts[name] for name in PARTS},
            "notes": {what: self._counts[what] for what in What},
        }
        self._ui.line(f'"counts": {self._ui.spelled_json(counts)}')
        self._ui.line("}")

    def _summary(self) -> str:
        if not self._counts["pages"]:
            return f"nothing to read again: all was read by version {READER_VERSION} of the reader"
        counts, parts = self._counts, self._parts
        read = f"{counted(counts['versions'], 'version')} of {counted(counts['pages'], 'page')}"
        same = counts["versions"] - counts["differing"]
        differing = ", ".join(f"{parts[name]:,} {name}" for name in PARTS if parts[name])
        told = f"{read} read again: {same:,} as before, {counts['differing']:,} otherwise"
        told += f" ({differing})" if differing else ""
        notes = [f"{counts[what]:,} × {_MEANINGS[what]}" for what in What if counts[what]]
        dry = ["dry run, nothing was stored"] if self._is_dry else []
        return "; ".join([told, *notes, *dry])


def _spool() -> IO[str]:
    return tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8", newline="\n")


def _read(spool: IO[str]) -> Iterator[str]:
    spool.seek(0)
    return (line.removesuffix("\n") for line in spool)


def _note_line(note: Note) -> str:
    where = f" version {note.version}" if note.version is not None else ""
    return (
        f"{note.what}: {shown(note.url)}{where}, capture of {iso(note.at)}: {shown(note.message)}"
    )


def _lines(url: str, each: ReadAgain) -> Iterator[str]:
    """A version that differs, as people read it; of long lists the beginning."""
    reader = f"reader {each.before.reader_version} → {each.after.reader_version}"
    yield f"{shown(url)} version {each.number} ({shown(reader)}): {', '.join(each.differing)}"
    for name, (old, new) in _single(each).items():
        yield f"  {name}: {_quoted(old)} → {_quoted(new)}"
    gone, new_lines = _counted_lines(each)
    if "text" in each.differing:
        yield f"  text: {counted(gone, 'line')} gone, {counted(new_lines, 'line')} new"
    figures = [
        figure_change_json(change)
        for change in diff_figures(each.before.figures, each.after.figures)
    ]
    yield from _some(
        f"  figure {_named(change['indicator'] or change['label'], change['applicant'])}:"
        f" {_quoted(change['old'])} → {_quoted(change['new'])}"
        for change in figures
    )
    fields = [
        field_change_json(change) for change in diff_fields(each.before.fields, each.after.fields)
    ]
    yield from _some(
        f"  field {shown(change['name'])}: {_quoted(change['old'])} → {_quoted(change['new'])}"
        for change in fields
    )
    for how, findings in _findings(each).items():
        yield from _some(
            f"  finding {how}: {shown(each.rule)} · {shown(each.message)}" for each in findings
        )


def _some(lines: Iterable[str]) -> Iterator[str]:
    left = 0
    for place, line in enumerate(lines):
        if place < _MAX_SHOWN:
            yield line
        else:
            left += 1
    if left:
        yield f"  … {left:,} more (--json has all)"


def _json(url: str, each: ReadAgain) -> dict[str, object]:
    changes = diff_lines(each.before.lines, each.after.lines)
    return {
        "url": url,
        "version": each.number,
        "reader_before": each.before.reader_version,
        "reader_version": each.after.reader_version,
        "differs": each.differing,
        **{name: {"old": old, "new": new} for name, (old, new) in _single(each).items()},
        "lines": [line_json(line) for line in changes if line.change is not Change.SAME],
        "figures": [
            figure_change_json(change)
            for change in diff_figures(each.before.figures, each.after.figures)
        ],
        "fields": [
            field_change_json(change)
            for change in diff_fields(each.before.fields, each.after.fields)
        ],
        "findings": _findings(each),
    }


def _single(each: ReadAgain) -> dict[str, tuple[object, object]]:
    """The parts that are one value, where it differs."""
    pairs = {
        name: (_value(each, name, old=True), _value(each, name, old=False)) for name in _SINGLE
    }
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _value(each: ReadAgain, name: str, *, old: bool) -> object:
    reading = each.before if old else each.after
    if name == "body":
        return reading.publisher.name if reading.publisher else None
    found: object = getattr(reading, name)
    return found


def _findings(each: ReadAgain) -> dict[str, list[Finding]]:
    before, after = each.before.findings, each.after.findings
    return {
        "gone": [finding for finding in before if finding not in after],
        "new": [finding for finding in after if finding not in before],
    }


def _counted_lines(each: ReadAgain) -> tuple[int, int]:
    before, after = Counter(each.before.lines), Counter(each.after.lines)
    return (before - after).total(), (after - before).total()


def _named(*names: object) -> str:
    return " ".join(shown(name) for name in names if name)


def _quoted(value: object) -> str:
    return "absent" if value is None else f"“{shown(value)}”"
