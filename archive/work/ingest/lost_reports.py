"""A report whose url no longer answers with one: such a page takes no report's place. Pure."""

import re
from typing import Final

from archive.codebook.phrases import squeezed
from archive.model.frontier import Lease
from archive.model.outcome import Role
from archive.model.reading import Kind
from archive.reading.text.title import REPORT_TITLE
from archive.work.ingest.reader_pool import Answer
from archive.work.ingest.silence import MAX_EMPTY, MAX_TITLE, MIN_SENTENCES

_DOCUMENTS: Final = (Kind.REPORT, Kind.ATTACHMENT)
_LISTS: Final = (Role.LIST, Role.ENTRY, Role.NAVIGATION)
_YEAR: Final = re.compile(r"(?<![0-9])20[0-4][0-9]")
_MIN_YEARS: Final = 2  # titles of reports on so many years make a list


def lost_report(lease: Lease, answer: Answer) -> str | None:
    """Why the page is no replacement of the report (or file) that its latest version is; None when
    it is one, or when there was no report. What stands where a list was looked for may change: a
    person named it.
    """
    previous, reading = lease.previous, answer.reading
    if previous is None or previous.kind not in _DOCUMENTS or lease.role in _LISTS:
        return None
    if reading is None or any(finding.rule == "reader_failed" for finding in reading.findings):
        return None
    was = "report" if previous.kind == Kind.REPORT else "file"
    if reading.kind is Kind.LIST or _lists_reports(answer):
        return f"a list stands where a {was} was"
    if reading.kind is Kind.ATTACHMENT or reading.report_year or not _says_little(answer):
        return None
    return f"a page without a report's title, year or text stands where a {was} was"


def _says_little(answer: Answer) -> bool:
    """Whether the page has no figures, tables or files, and little text. (A title without a year
    makes no report: lists and empty pages have such, too.)
    """
    reading, packed = answer.reading, answer.packed
    if _has_figures(answer) or (reading and (reading.links or reading.tables)):
        return False
    if packed is not None and packed.tables is not None:
        return False
    text = _text(answer)
    return text.count("。") < MIN_SENTENCES or len(squeezed(text)) <= MAX_EMPTY


def _lists_reports(answer: Answer) -> bool:
    """Whether the page prints titles of reports on several years, one a line, and hardly a
    sentence. (The reader may take the first of them for the page's own.)
    """
    if _has_figures(answer):
        return False
    text = _text(answer)
    lines = (line.split("\t", 1)[0] for line in text.splitlines())
    short = [squeezed(line) for line in lines if len(line) <= MAX_TITLE and "。" not in line]
    titles = [line for line in short if REPORT_TITLE.search(line)]
    years = {year for line in titles for year in _YEAR.findall(line)}
    return len(years) >= _MIN_YEARS and len(titles) >= text.count("。")


def _text(answer: Answer) -> str:
    """The page's text, which travels beside the reading where it was made ready to be stored."""
    if answer.packed is not None:
        return answer.packed.text
    return "\n".join(answer.reading.lines) if answer.reading else ""


def _has_figures(answer: Answer) -> bool:
    if answer.packed is not None:
        return answer.packed.figures != "[]"
    return answer.reading is not None and bool(answer.reading.figures)
