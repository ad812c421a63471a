"""How values are spelled on a page."""

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlencode

_LABELS = {
    "index_number": "索引号",
    "agency": "发布机构",
    "document_number": "文号",
    "category": "主题分类",
    "published_on": "发布日期",
    "written_on": "成文日期",
    "title": "名称",
    "source": "来源",
    "column": "栏目",
    "column_type": "栏目类别",
    "catalogue_title": "目录标题",
    "signed_by": "落款",
    "signed_on": "落款日期",
}


def label(name: str) -> str:
    """The Chinese word of a known header field; any other name as it is.

    >>> label("agency")
    '发布机构'
    """
    return _LABELS.get(name, name)


def instant(value: datetime | None) -> str:
    """An instant in UTC to the minute; a dash when there is none."""
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if value else "–"


def day(value: datetime | None) -> str:
    """The day (UTC) of an instant; a dash when there is none."""
    return f"{value.astimezone(UTC):%Y-%m-%d}" if value else "–"


def number(value: Decimal | int | None) -> str:
    """A number with thousands separated; a dash when there is none."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value.normalize():,f}"


def query(parameters: dict[str, object]) -> str:
    """Parameters as a query string; None leaves one out."""
    return urlencode({name: value for name, value in parameters.items() if value is not None})
