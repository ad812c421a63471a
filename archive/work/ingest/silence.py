"""Entries and lists that name no URL: a report in a list's place, an empty list, or a list that
was not understood? Pure.
"""

import re
from typing import Final

from archive.codebook.phrases import squeezed
from archive.model.reading import Kind
from archive.reading.text.title import REPORT_TITLE
from archive.store.rows import SilentPage

MIN_SENTENCES: Final = 3
MIN_TITLES: Final = 2
MAX_TITLE: Final = 60  # characters
MAX_EMPTY: Final = 200
_YEAR: Final = re.compile(r"(?<![0-9])20[0-4][0-9]")


def is_report_itself(page: SilentPage) -> bool:
    """Whether the page is a report that stands where a list was looked for (a person may name one
    report's url): it is of a year and speaks in sentences. A list read as a report has none.
    """
    if page.kind not in (Kind.REPORT, Kind.ATTACHMENT) or page.report_year is None:
        return False
    return page.text.count("。") >= max(MIN_SENTENCES, 1 + len(_titles(page)))


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
    titles = _titles(page)
    dated = any(_YEAR.search(title) for title in titles)
    return (dated or len(titles) >= MIN_TITLES) and len(titles) >= page.text.count("。")


def _titles(page: SilentPage) -> list[str]:
    lines = [line.split("\t", 1)[0] for line in page.text.splitlines()]
    short = (squeezed(line) for line in lines if len(line) <= MAX_TITLE and "。" not in line)
    return [line for line in short if REPORT_TITLE.search(line)]
