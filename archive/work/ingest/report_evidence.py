"""Whether a page is a report, a list or neither, by what its text says: an entry or list that names
no URL, and a page that stands where a report was. Pure.
"""

import re
from typing import Final

from archive.codebook.phrases import squeezed
from archive.model.frontier import Lease
from archive.model.reading import Kind
from archive.reading.text.title import REPORT_TITLE
from archive.store.rows import SilentPage
from archive.work.ingest.reader_pool import Answer

MIN_SENTENCES: Final = 3
MIN_TITLES: Final = 2
MAX_TITLE: Final = 60  # characters
MAX_EMPTY: Final = 200
_MIN_YEARS: Final = 2  # titles of reports on so many years make a list
_DOCUMENTS: Final = (Kind.REPORT, Kind.ATTACHMENT)
_YEAR: Final = re.compile(r"(?<![0-9])20[0-4][0-9]")


def is_report_itself(page: SilentPage) -> bool:
    """Whether the page is a report that stands where a list was looked for (a person may name one
    report's url): it is of a year and speaks in sentences. A list read as a report has none.
    """
    if page.kind not in _DOCUMENTS or page.report_year is None:
        return False
    return page.text.count("。") >= max(MIN_SENTENCES, 1 + len(_report_titles(page.text)))


def is_empty_list(page: SilentPage) -> bool:
    """Whether a list says little and names nothing (暂无信息): it has no entries, as far as its
    text tells. The title alone of such a page makes it a report to the reader.
    """
    if page.kind == Kind.ATTACHMENT or len(squeezed(page.text)) > MAX_EMPTY:
        return False
    return not names_reports(page)


def names_reports(page: SilentPage) -> bool:
    """Whether its text prints titles of reports, one a line, as a list does: one with its year will
    do, and more titles than sentences.
    """
    titles = _report_titles(page.text)
    dated = any(_YEAR.search(title) for title in titles)
    return (dated or len(titles) >= MIN_TITLES) and len(titles) >= page.text.count("。")


def _report_titles(text: str) -> list[str]:
    """Titles of reports that a text prints, one a line."""
    lines = [line.split("\t", 1)[0] for line in text.splitlines()]
    short = (squeezed(line) for line in lines if len(line) <= MAX_TITLE and "。" not in line)
    return [line for line in short if REPORT_TITLE.search(line)]


def lost_report(lease: Lease, answer: Answer) -> str | None:
    """Why the page is no replacement of the report (or file) that its latest version is; None when
    it is one, or when there was no report. What stands where a list was looked for may change: a
    person named it.
    """
    previous, reading = lease.previous, answer.reading
    if previous is None or previous.kind not in _DOCUMENTS or lease.role.is_list:
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
    titles = _report_titles(text)
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
