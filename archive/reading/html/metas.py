"""The <meta> tags of 《政府网站发展指引》 and their lower-case cousins.

Names are compared without case. Values that are blank, placeholders of a template, or too long to
be a field are not there: a template's leftover says nothing about the page.
"""

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

from archive.reading.html.blocks import folded

_PLACEHOLDER = re.compile(
    r"^(?:网站名称|网站域名|政府网站标识码|栏目名称|栏目描述|栏目关键词|栏目类别|标题|发布时间|来源|关键词|作者|摘要"
    r"|undefined|null|none|\$\{.*|\{\{.*|<%.*|#.*#|\[!--.*)$",
    re.IGNORECASE,
)
# As the standard spells its names; pages do it in any case.
_STANDARD = {
    name.lower(): name
    for name in (
        "SiteName", "SiteDomain", "SiteIDCode", "ColumnName", "ColumnType", "ArticleTitle",
        "PubDate", "ContentSource",
    )
}  # fmt: skip
_MAX_VALUE = 2000
_MAX_TAGS = 300


def read_metas(tree: HtmlElement) -> Mapping[str, str]:
    """Values of the page's meta tags by lower-case name; the first filled tag of a name counts."""
    found: dict[str, str] = {}
    for number, element in enumerate(tree.iter("meta")):
        if number >= _MAX_TAGS:
            break
        name = (element.get("name") or element.get("property") or "").strip().lower()
        value = folded((element.get("content") or "")[:_MAX_VALUE])
        if name and value and not _PLACEHOLDER.match(value):
            found.setdefault(name, value)
    return found


def origin_of(tag: str) -> str:
    """Where a meta tag's value stood: `meta:` and the name, in the standard's spelling where it is
    one of the standard's.

    >>> origin_of("pubdate"), origin_of("publishdate")
    ('meta:PubDate', 'meta:publishdate')
    """
    return f"meta:{_STANDARD.get(tag, tag)}"
