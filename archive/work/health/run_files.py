"""The report on a run as two files that people open, HOME/runs/NUMBER.txt and .html; that on a
night of visits by workers is HOME/runs/night-DATE.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from itertools import islice
from pathlib import Path
from typing import Final

from archive.codebook.divisions import division
from archive.model.content import printable, whole_words
from archive.model.outcome import Verdict
from archive.store.query.health import SilentBody
from archive.store.query.run_outcomes import RunPortal, RunVersion
from archive.work.atomic_file import atomic_file
from archive.work.health.run_report import Brought, NightReport, RunReport
from archive.work.home import Home

FOLDER: Final = "runs"
_MAX_LETTERS: Final = 300
_SHOWN: Final = 50
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 16px/1.6 system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 56rem; margin: 2rem auto; padding: 0 1rem; background: #fff; color: #222; }
h1 { font-size: 1.5rem; margin-bottom: .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .4rem; }
ul { padding-left: 1.2rem; } li { margin: .35rem 0; overflow-wrap: anywhere; }
.quiet { color: #595959; font-size: .9em; } .bad { color: #a3201a; } .good { color: #1c6b35; }
@media (prefers-color-scheme: dark) {
  body { background: #16181c; color: #e4e4e4; } a { color: #9cc4ff; }
  .quiet { color: #b3b3b3; } .bad { color: #ff9a92; } .good { color: #7fd79a; }
}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a report. url: where it leads; note: in small letters behind it."""

    text: str
    url: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report under a heading."""

    heading: str
    lines: tuple[Line, ...]


def write_run_files(home: Home, report: RunReport | NightReport) -> Path:
    """Writes both files, whole or not at all; gives the page. CannotRunError: the disk refuses."""
    folder = home.path / FOLDER
    folder.mkdir(exist_ok=True)
    name = report.run.run if isinstance(report, RunReport) else f"night-{report.on}"
    page = folder / f"{name}.html"
    for path, content in ((page, as_html(report)), (page.with_suffix(".txt"), as_text(report))):
        with atomic_file(path) as fresh:
            fresh.write_text(content, "utf-8")
    return page


def as_text(report: RunReport | NightReport) -> str:
    """The report in plain text."""
    lines = [title(report), summary(report)]
    for section in sections(report):
        lines += ["", section.heading]
        for line in section.lines:
            lines.append(f"  - {line.text}{f' ({line.note})' if line.note else ''}")
            lines += [f"    {line.url}"] if line.url else []
    return "\n".join(lines) + "\n"


def as_html(report: RunReport | NightReport) -> str:
    """The report as one file that needs no other."""
    verdict = escape(_verdict(report))
    parts = [
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title(report))} – Gongkai</title>",
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
        f'<h1>{escape(title(report))}</h1>\n<p class="{verdict}">{escape(_reason(report))}</p>',
        f'<p class="quiet">{escape(summary(report))}</p>',
    ]
    for section in sections(report):
        items = "\n".join(f"<li>{_item(line)}</li>" for line in section.lines)
        parts.append(f"<h2>{escape(section.heading)}</h2>\n<ul>\n{items}\n</ul>")
    return "\n".join([*parts, "</main>\n</body>\n</html>\n"])


def _item(line: Line) -> str:
    text = escape(line.text)
    if line.url.startswith(("http://", "https://")):
        text = f'<a href="{escape(line.url)}" rel="noreferrer">{text}</a>'
    return f'{text} <span class="quiet">{escape(line.note)}</span>' if line.note else text


def title(report: RunReport | NightReport) -> str:
    """What is said of it in few words."""
    name = f"Run {report.run.run}" if isinstance(report, RunReport) else f"Night of {report.on}"
    return f"{name}: {_verdict(report)}"


def _verdict(report: RunReport | NightReport) -> str:
    if isinstance(report, RunReport):
        return report.run.verdict or report.run.status
    return Verdict.BAD if report.bad else Verdict.GOOD


def summary(report: RunReport | NightReport) -> str:
    """When, how long, and how many URLs ended how."""
    if isinstance(report, NightReport):
        span = report.span
        visits = counted(span.runs, "visit")
        if span.ended < span.runs:
            visits += f", {span.runs - span.ended:,} of them not ended"
        return f"noon to noon in China: {visits}; {_what(report, span.counts)}; {span.left:,} left"
    run = report.run
    ended = f" to {_minute(run.ended_at)}" if run.ended_at else ""
    what = _what(report, run.counts)
    job, others = whole_words(run.job, _MAX_LETTERS)
    more = f" … and {others:,} more" if others else ""
    return f"{job}{more}, {_minute(run.started_at)}{ended} UTC; {what}; {run.left:,} left"


def _what(report: Brought, outcomes: Mapping[str, int]) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()) if count)
    return f"{counted(report.judged, 'portal')}; {counts or 'no URL was visited'}"


def counted(number: int, thing: str) -> str:
    """A number of things in words, of those this module names."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _reason(report: RunReport | NightReport) -> str:
    if isinstance(report, NightReport):
        return f"{len(report.bad):,} of {counted(report.judged, 'portal')} bad"
    return _said(report.run.reason or "it has not ended")


def sections(report: RunReport | NightReport) -> Iterator[Section]:
    """The parts that have something to say, the most urgent first; what is new and what changed
    always.
    """
    steps = [Line(text=each.what, note=each.command) for each in report.steps]
    yield Section(heading="What to do", lines=tuple(steps or [Line(text="Nothing.")]))
    if report.bad:
        yield _section("Portals that are bad", map(_bad, report.bad), len(report.bad))
    if report.recovered:
        good = [Line(text=_said(each.name), note=each.portal) for each in report.recovered]
        yield _section("Portals that are good again", good, len(good))
    yield _section("New reports", map(_new, report.new), report.new_count)
    yield _section("Changed after publishing", map(_changed, report.changed), report.changed_count)
    if report.silent:
        silent = [
            Line(
                text=f"{_said(each.body)} {each.year}",
                note=f"due {each.due_on}; {_place(each)}{each.portal}",
            )
            for each in report.silent
        ]
        yield _section("Had a report every year, and none now", silent, len(silent))


def _place(found: SilentBody) -> str:
    """Where a body is: many have one name."""
    place = division(found.division) if found.division else None
    return f"{place.name}; " if place else ""


def _bad(found: RunPortal) -> Line:
    text = f"{_said(found.name)}: {_said(found.reason)}"
    return Line(text=text, note=f"{found.portal}; {_before(found.before)}")


def _new(found: RunVersion) -> Line:
    parts = (found.body or found.portal, found.report_year)
    note = ", ".join(_said(str(each)) for each in parts if each)
    return Line(text=_said(found.title or found.url), url=found.url, note=note)


def _changed(found: RunVersion) -> Line:
    what = ", ".join(found.what) or "nothing that is compared"
    note = f"version {found.version}: {what}"
    return Line(text=_said(found.title or found.url), url=found.url, note=note)


def _section(heading: str, lines: Iterable[Line], count: int) -> Section:
    shown = [*islice(lines, _SHOWN)]
    if count > len(shown):
        shown.append(Line(text=f"and {count - len(shown):,} more"))
    return Section(heading=f"{heading}: {count:,}", lines=tuple(shown or [Line(text="None.")]))


def _before(verdict: str | None) -> str:
    return f"{verdict} before" if verdict else "visited for the first time"


def _said(text: str) -> str:
    """Text of others, cut, and without what would steer a terminal or turn the line around."""
    return printable(text)[:_MAX_LETTERS]


def _minute(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
