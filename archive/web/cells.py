"""Cells of tables with the numbers of a body: each number leads to its report, and where there is
none the cell says why.
"""

from functools import lru_cache

from markupsafe import Markup

from archive.web.i18n import gettext
from archive.web.words import number, query, word
from archive.work.query.series import YearOfBody

_QUIET = Markup('<span class="quiet">{}</span>')
_NUMBER = Markup('<a href="{}">{}</a>')


@lru_cache(maxsize=512)
def report_url(url: str, version: int) -> str:
    """Where a version is shown: a body's page names each of its reports a hundred times."""
    return f"/page?{query({'url': url, 'version': version})}"


def cell(one: YearOfBody | None) -> Markup:
    """The number of a year, with its report, or the reason for none."""
    if one is None or not one.has_report:
        return _QUIET.format(gettext("no report"))
    if one.value is None:
        return _QUIET.format(word("absent", "figure"))
    if one.number is None:
        return _QUIET.format(gettext("no number"))
    return _NUMBER.format(report_url(one.value.url, one.value.version), number(one.number))
