"""The title of a page, without the name of the site."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.codebook.phrases import phrases, squeezed
from archive.reading.blocks import folded
from archive.reading.survey import Survey, lies_in
from archive.reading.visible import inside_hidden

_SEPARATORS = re.compile(r"\s*(?:[_|｜»>]+|\s[-–—]+\s?|(?<=[\u4e00-\u9fff）)])[-–—]+(?=[\u4e00-\u9fff]))\s*")
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_SITE = re.compile(
    r"(?:门户网站?|政府网站?|政务网站?|公众信息网|信息网|官网|网站|信息公开平台|公开平台|首页|主页|人民政府|管委会|管理委员会)$"
)
_PLACEHOLDER = re.compile(r"^(?:标题|文章标题|网站名称|undefined|null|\$\{.*|\{\{.*|<.*|无标题.{0,6}|untitled.*)$", re.I)
_GENERIC = re.compile(
    r"^(?:政务公开|信息公开|政府信息公开)?(?:信息)?(?:内容页?|详情页?|详细页?|列表页?|正文|首页|内容|文章页?|细览页?|信息公开)$"
)
REPORT_TITLE = re.compile(
    r"(?:政府信息|政务|信息|政务信息|政府信息和政务|党务政务)公开.{0,12}(?:年度报告|年报|工作报告|情况报告|情况的报告|年度工作报告|报告)"
    r"|(?:年度报告|年报).{0,6}(?:政府信息|政务|信息)公开"
)
"""A title (white space gone) that names an annual report on open government information."""

SUMMARY_TITLE = re.compile(r"(?:政府信息|政务|信息)公开.{0,12}(?:总结|汇报|小结|要点|计划|方案|通知|指南|目录|制度|统计表)")
"""A title of the documents that live beside the reports in the same column."""

_MOST_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A title and where it stood: meta, header, heading, head (<title>), or body."""

    text: str
    origin: str


def find_title(
    tree: HtmlElement,
    page: Survey,
    *,
    meta: str | None,
    boxed: str | None,
    site: str | None,
    selected: Sequence[HtmlElement],
) -> Title | None:
    """The page's title; None when it shows none.

    The standard's ArticleTitle wins, then the header box, then the heading that <title> repeats,
    then any heading, then <title> without the site's name.
    """
    headings = list(_headings(page, selected))
    head = _head(tree)
    if meta and _is_title(meta, site):
        return Title(text=_completed(meta, headings), origin="meta:ArticleTitle")
    if boxed and _is_title(boxed, site):
        return Title(text=_completed(boxed, headings), origin="header")
    return _agreed(headings, head, site) or _from_head(head, site) or _printed(page)


def _is_title(text: str, site: str | None) -> bool:
    text = text.strip()
    return 2 <= len(text) <= _MOST_TITLE and not _PLACEHOLDER.match(text) and text != site


def _completed(text: str, headings: Iterable[str]) -> str:
    """A title cut with … is completed from the heading that begins alike."""
    text = _clean(text)
    stem = squeezed(text).rstrip(".…")
    if text.endswith(("…", "...")) and len(stem) >= 6:
        return next((h for h in headings if squeezed(h).startswith(stem)), text)
    return text


def _headings(page: Survey, selected: Sequence[HtmlElement]) -> Iterable[str]:
    for element in (*selected, *page.headings):
        if element in selected or not lies_in(element, page.furniture | page.inside):
            text = _clean("".join(element.itertext()))
            if 4 <= len(text) <= _MOST_TITLE and not inside_hidden(element):
                yield text


def _agreed(headings: Sequence[str], head: str, site: str | None) -> Title | None:
    """The heading that <title> contains, longest first; else the first that reads as a title."""
    spelled = squeezed(head)
    shared = [h for h in headings if squeezed(h) in spelled and _is_title(h, site)]
    if shared:
        best = max(shared, key=len)
        if not _SITE.search(best) or len(shared) == 1 == len(headings):
            return Title(text=best, origin="heading")
    for heading in headings:
        bare = squeezed(heading)
        if _is_title(heading, site) and not _SITE.search(bare) and not phrases().line.fullmatch(bare):
            return Title(text=heading, origin="heading")
    return None


def _from_head(head: str, site: str | None) -> Title | None:
    parts = [part for part in _SEPARATORS.split(head) if part]
    kept = [p for p in parts if p != site and not _SITE.search(p) and not _GENERIC.match(squeezed(p))]
    for part in kept:
        if _is_title(part, site):
            return Title(text=part, origin="head")
    return None


def _printed(page: Survey) -> Title | None:
    """A short line before the text that reads as the title of a report."""
    for line in page.lines[:40]:
        bare = squeezed(line.text)
        if 8 <= len(bare) <= 60 and not line.linked and _reads_as_report(bare):
            return Title(text=line.text, origin="body")
    return None


def _reads_as_report(bare: str) -> bool:
    found = REPORT_TITLE.search(bare) or SUMMARY_TITLE.search(bare)
    return found is not None and "。" not in bare and "," not in bare and ":" not in bare


def _head(tree: HtmlElement) -> str:
    element = tree.find(".//title")
    return "" if element is None else _clean("".join(element.itertext()))


def _clean(text: str) -> str:
    return folded(_TAGS.sub("", text))[:2000]
