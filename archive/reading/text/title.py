"""The title of a page, without the name of the site."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from lxml.html import HtmlElement

from archive.codebook.labels import label_of
from archive.codebook.phrases import phrases, squeezed
from archive.reading.html.blocks import folded
from archive.reading.html.survey import Survey, lies_in, weight_of
from archive.reading.html.visible import inside_hidden
from archive.reading.text.long_title import printed_title, whole_title
from archive.reading.values.dates import day_of, years_of
from archive.reading.values.pairs import pairs_in

_SEPARATORS = re.compile(
    r"(?:(?<!\s)\s+)?(?:[_|｜»>]+|\s[-–—]+\s?|(?<=[\u4e00-\u9fff）)])[-–—]+(?=[\u4e00-\u9fff]))\s*"
)
_TAGS = re.compile(r"<[^<>]{0,2000}>")
_SITE = re.compile(
    r"(?:门户网站?|政府网站?|政务网站?|公众信息网|信息网|官网|网站|信息公开平台|公开平台|首页|主页|人民政府|管委会|管理委员会)$"
)
_PLACEHOLDER = re.compile(
    r"^(?:标题|文章标题|网站名称|undefined|null|\$\{.*|\{\{.*|<.*|无标题.{0,6}|untitled.*)$",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"^(?:政务公开|信息公开|政府信息公开)?(?:信息)?(?:内容页?|详情页?|详细页?|列表页?|正文|首页|内容|文章页?|细览页?|信息公开)$"
)
_COLUMN = re.compile(r"^[^\d]{0,30}(?:信息|政务)公开(?:目录|专栏|专网|平台|网)?$")
REPORT_TITLE = re.compile(
    r"(?:政府信息|政务|信息|政务信息|政府信息和政务|党务政务)公开.{0,12}(?:年度报告|年报|工作报告|情况报告|情况的报告|年度工作报告|报告)"
    r"|(?:年度报告|年报).{0,6}(?:政府信息|政务|信息)公开"
)
"""A title (white space gone) that names an annual report on open government information."""

SUMMARY_TITLE = re.compile(
    r"(?:政府信息|政务|信息)公开.{0,12}(?:总结|汇报|小结|要点|计划|方案|通知|指南|目录|制度|统计表)"
)
"""A title of the documents that live beside the reports in the same column."""

_MAX_TITLE = 300
_CENTRED_STYLE = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_MAX_LINES = 120
_MAX_PIECES = 4
_MIN_HEADING = 5
_LONG_TITLE = 12
_REPEATED = 8
_PROSE = 60
_DAY = re.compile(r"(?:19|20)\d{2}[-/.]\d|\d月\d")
_YEAR_END = re.compile(r"(?:19|20)\d{2}年度?$")
_ENDS = re.compile(
    r"(?:报告|年报|总结|通知|意见|决定|公告|办法|方案|函|批复|规定|细则|通告|公示|纪要|条例|规划|计划|解读|说明|汇报|名单|情况|指南|目录|法|表)"
    r"(?:[(（][^()（）]{0,20}[)）])?$"
)


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
    meta, boxed = _clean(meta or ""), _clean(boxed or "")
    headings = list(_headings(page, selected))
    head = _head(tree)
    if meta and _is_title(meta, site):
        return Title(text=_completed(meta, headings), origin="meta:ArticleTitle")
    if boxed and _is_title(boxed, site):
        return Title(text=_completed(boxed, headings), origin="header")
    return _whole(_printed_anywhere(page, headings, head, site), page, head)


def _printed_anywhere(
    page: Survey, headings: Sequence[str], head: str, site: str | None
) -> Title | None:
    agreed = _agreed(headings, head, site) or _at_an_end(head, page) or _first(headings, site)
    centred = _centred(page)
    if (agreed is None or not years_of(agreed.text)) and centred and _is_dated_report(centred.text):
        return centred
    if agreed is None and centred is not None and squeezed(centred.text) in squeezed(head):
        return centred
    found = agreed or _from_head(head, site, page) or centred or _printed(page)
    return found or _last(head, site) or _above_information(page)


def _whole(title: Title | None, page: Survey, head: str) -> Title | None:
    """The title with the other lines it is printed in."""
    if title is None:
        return None
    return replace(title, text=whole_title(title.text, page.lines, head, _SITE))


def is_document_title(text: str) -> bool:
    """True for titles that only a document has: about something (关于…), or a report of a year.

    >>> is_document_title("2012年政府信息公开年报"), is_document_title("政府信息公开年报")
    (True, False)
    """
    return "关于" in text or _is_dated_report(text)


def names_only_the_site(tree: HtmlElement) -> str | None:
    """The <title> where it is nothing but a site's name, as on a home page; else None."""
    head = _clean(_head(tree))
    pieces = [piece for piece in _SEPARATORS.split(head) if piece]
    return head if pieces and all(_SITE.search(piece) for piece in pieces) else None


def _is_dated_report(text: str) -> bool:
    bare = squeezed(text)
    named = REPORT_TITLE.search(bare) or SUMMARY_TITLE.search(bare)
    return named is not None and bool(years_of(text))


def _is_title(text: str, site: str | None) -> bool:
    text = text.strip()
    return 2 <= len(text) <= _MAX_TITLE and not _PLACEHOLDER.match(text) and text != site


def _completed(text: str, headings: Iterable[str]) -> str:
    """A title cut with … is completed from the heading that begins alike."""
    text = _clean(text)
    stem = squeezed(text).rstrip(".…")
    if text.endswith(("…", "...")) and len(stem) >= 6:
        return next((h for h in headings if squeezed(h).startswith(stem)), text)
    return text


def _headings(page: Survey, selected: Sequence[HtmlElement]) -> Iterable[str]:
    aside = page.furniture | page.inside
    around = {outer for element in page.headings for outer in element.iterancestors()}
    for element in (*selected, *(each for each in page.headings if each not in around)):
        if page.size.get(element, 0) > _MAX_TITLE:
            continue
        if element in selected or not lies_in(element, aside):
            text = _clean(printed_title(element))
            names_value = text.endswith((":", "：")) or label_of(text) is not None
            if 2 <= len(text) <= _MAX_TITLE and not names_value and not inside_hidden(element):
                yield text


def _agreed(headings: Sequence[str], head: str, site: str | None) -> Title | None:
    """The heading that <title> contains, the longest one; or the part of <title> with which a
    heading begins that goes on with day and source (上海: 标题 2023-08-19 来源：解放日报).
    """
    spelled = squeezed(head)
    shared = [h for h in headings if squeezed(h) in spelled and _is_title(h, site)]
    if shared:
        best = max(shared, key=len)
        if not _SITE.search(best) or len(shared) == 1 == len(headings):
            return Title(text=best, origin="heading")
    for part in _parts(head, site):
        if len(part) >= _REPEATED and any(_goes_on_with_day(h, part) for h in headings):
            return Title(text=part, origin="heading")
    return None


def _goes_on_with_day(heading: str, part: str) -> bool:
    if not squeezed(heading).startswith(squeezed(part)):
        return False
    rest = heading[len(part) :]
    return bool(pairs_in(rest)) or day_of(rest) is not None


def _first(headings: Iterable[str], site: str | None) -> Title | None:
    """The first heading that reads as a title: not the site's name, not the name of a tool."""
    for heading in headings:
        bare = squeezed(heading)
        if len(bare) < _MIN_HEADING or phrases().tools.fullmatch(bare):
            continue
        if (
            _is_title(heading, site)
            and not _SITE.search(bare)
            and not phrases().line.fullmatch(bare)
        ):
            return Title(text=heading, origin="heading")
    return None


def _at_an_end(head: str, page: Survey) -> Title | None:
    """The longest printed line with which <title> begins or ends, column and site without marks
    between beside it (Hanweb: 江西省人民政府 政策文件 关于…的通知).
    """
    spelled = squeezed(head)
    found = [
        line.text
        for line in page.lines
        if _LONG_TITLE <= len(line.text) <= _MAX_TITLE
        and not line.linked
        and (spelled.startswith(bare := squeezed(line.text)) or spelled.endswith(bare))
        and not _SITE.search(bare)
    ]
    return Title(text=max(found, key=len), origin="head") if found else None


def _from_head(head: str, site: str | None, page: Survey) -> Title | None:
    """A part of <title> that the page prints as a line of its own, longest first."""
    lines = {squeezed(line.text) for line in page.lines if not line.linked}
    for part in sorted(_parts(head, site), key=len, reverse=True):
        if squeezed(part) in lines and len(part) >= _MIN_HEADING:
            return Title(text=part, origin="head")
    return None


def _last(head: str, site: str | None) -> Title | None:
    """What is left of <title> without the site's name, when the page prints no title at all."""
    return next((Title(text=part, origin="head") for part in _parts(head, site)), None)


def _parts(head: str, site: str | None) -> list[str]:
    parts = [head, *_SEPARATORS.split(head)]
    return [
        part
        for part in parts
        if part
        and part != site
        and _is_title(part, site)
        and not _SITE.search(part)
        and not _GENERIC.match(squeezed(part))
        and not _COLUMN.match(squeezed(part))
    ]


def _centred(page: Survey) -> Title | None:
    """Lines in the middle before the text: the first, with those that go on with it until the
    words end as a title does.
    """
    found: list[str] = []
    for line in page.lines[:_MAX_LINES]:
        if not line.text or (weight_of(line) > _PROSE and not _is_centred(line.element)):
            break
        bare = squeezed(line.text)
        if line.linked or not _is_centred(line.element) or not _may_head(bare):
            if found:
                break
            continue
        found.append(line.text)
        if _ENDS.search(bare) or len(found) == _MAX_PIECES:
            break
    text = "".join(found)
    return Title(text=text, origin="body") if _MIN_HEADING <= len(text) <= _MAX_TITLE else None


def _may_head(bare: str) -> bool:
    return (
        len(bare) <= 120
        and not any(mark in bare for mark in ":>|。;")
        and not _DAY.search(bare)
        and not phrases().tools.fullmatch(bare)
        and not phrases().footer.search(bare)
    )


def _is_centred(element: HtmlElement) -> bool:
    return any(_centres(each) for each in (element, *islice(element.iterancestors(), 1)))


def _centres(element: HtmlElement) -> bool:
    if (element.get("align") or "").lower() in ("center", "middle") or element.tag == "center":
        return element.tag not in ("td", "tr", "table") or len(element) <= 3
    return _CENTRED_STYLE.search((element.get("style") or "")[:500]) is not None


def _printed(page: Survey) -> Title | None:
    """A short line before the text that reads as the title of a report, with the lines before it
    that say whose it is and of which year (宿州市人民政府2016年 / 政府信息公开工作年度报告).
    """
    before: list[str] = []
    for line in page.lines[:40]:
        bare = squeezed(line.text)
        if 8 <= len(bare) <= 60 and ">" not in bare and not line.linked and _reads_as_report(bare):
            return Title(text="".join((*_begun(before, bare), line.text)), origin="body")
        before = [*before[-1:], line.text] if not line.linked and _may_head(bare) else []
    return None


def _begun(before: Sequence[str], bare: str) -> Sequence[str]:
    """The one or two lines before a title that begin it: the last ends with the year."""
    if years_of(bare) or not before or not _YEAR_END.search(squeezed(before[-1])):
        return ()
    alone = _YEAR_END.fullmatch(squeezed(before[-1])) is not None
    return before if alone else before[-1:]


def _above_information(page: Survey) -> Title | None:
    """The line above the one that tells day and source, on a page that names its title nowhere."""
    previous = ""
    for line in page.lines[:_MAX_LINES]:
        if previous and not line.linked and _tells_day(line.marked):
            return Title(text=previous, origin="body")
        bare = squeezed(line.text)
        may_head = not line.linked and len(bare) >= _MIN_HEADING and _may_head(bare)
        previous = line.text if may_head else ""
    return None


def _tells_day(marked: str) -> bool:
    return any(
        pair.known is not None and pair.known.field == "published_on" and pair.value
        for pair in pairs_in(marked)
    )


def _reads_as_report(bare: str) -> bool:
    found = REPORT_TITLE.search(bare) or SUMMARY_TITLE.search(bare)
    return found is not None and "。" not in bare and "," not in bare and ":" not in bare


def _head(tree: HtmlElement) -> str:
    element = tree.find(".//title")
    return "" if element is None else _clean("".join(element.itertext()))


def _clean(text: str) -> str:
    return folded(_TAGS.sub("", text))[:2000]
