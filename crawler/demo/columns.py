"""The demo portals' lists, home pages and sections, each true to its family's way of paging."""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from crawler.demo.reports import DemoReport, Place, places

COLUMN = "政府信息公开年报"
_CUT = 20
_GROUP = 3

_SECTION = {"trs": "zwgk/zfxxgk/", "hanweb": "col/col1011/index.html", "plain": "xxgk/"}
_LIST = {
    "trs": "zwgk/zfxxgk/zfxxgknb/",
    "hanweb": "col/col1012/index.html",
    "plain": "xxgk/nb/list.htm",
}
FAMILIES = tuple(_LIST)
# Each portal's home page, information section and annual-report list.
HOMES = {key: f"/{key}/" for key in places()}
SECTIONS = {key: HOMES[key] + _SECTION[place.family] for key, place in places().items()}
LISTS = {key: HOMES[key] + _LIST[place.family] for key, place in places().items()}
_LIST_PAGE = {
    "trs": re.compile(r"index_(\d{1,6})\.html"),
    "plain": re.compile(r"list_(\d{1,6})\.htm"),
}
PROXY = "/hanweb/module/web/jpage/dataproxy.jsp"
_NEIGHBOUR_COLUMNS = {
    "trs": ("zfxxgkzn/", "zfxxgkzd/", "fdzdgknr/", "ysqgk/"),
    "hanweb": ("1013", "1014", "1015", "1016"),
    "plain": ("zn.htm", "zd.htm", "ml.htm", "ysq.htm"),
}
_COLUMN_NAMES = ("政府信息公开指南", "政府信息公开制度", "法定主动公开内容", "依申请公开")


def crumbs(place: Place, *, listed: bool) -> str:
    """The breadcrumb of a page of the report column (listed: one level deeper)."""
    parts = [
        f'<a href="{HOMES[place.key]}">首页</a>',
        f'<a href="{SECTIONS[place.key]}">政府信息公开</a>',
    ]
    if listed:
        parts.append(f'<a href="{LISTS[place.key]}">{COLUMN}</a>')
    return " &gt; ".join(parts)


def list_number(place: Place, path: str, count: int, per_list: int) -> int | None:
    """Which page of a portal's list (from 0) a path is; None when it is none. Hanweb's further
    pages are windows, not URLs.
    """
    first, family = LISTS[place.key], place.family
    folder = first.rpartition("/")[0] + "/"
    if path == first or (family == "trs" and path == f"{folder}index.html"):
        return 0
    if family not in _LIST_PAGE or not path.startswith(folder):
        return None
    named = _LIST_PAGE[family].fullmatch(path.removeprefix(folder))
    page = int(named.group(1)) - (family == "plain") if named else 0
    return page if 0 < page < max(1, -(-count // per_list)) else None


def list_page(
    place: Place, page: int, count: int, per_list: int, at: Callable[[int], DemoReport]
) -> str:
    """The main part of list page `page` of `count` reports."""
    if place.family == "hanweb":
        return _side(place) + hanweb_list(place, count, per_list, at)
    shown = [at(number) for number in range(page * per_list, min((page + 1) * per_list, count))]
    pages = max(1, -(-count // per_list))
    if place.family == "trs":
        return _side(place) + _trs_list(LISTS[place.key], shown, page, pages)
    return _plain_list(LISTS[place.key], shown, page, pages, count)


def _trs_list(base: str, shown: Sequence[DemoReport], page: int, pages: int) -> str:
    lines = "\n".join(
        f'<li><a href="{_relative(known.url, base)}" target="_blank" title="{known.title}">'
        f"{_cut(known.title)}</a><span>{known.published_on}</span></li>"
        for known in shown
    )
    return (
        f'<div class="right_list"><div class="lm"><h2>{COLUMN}</h2></div>\n'
        f'<ul class="list_con">\n{lines}\n</ul>\n<div class="page"><script language="JavaScript">'
        "function createPageHTML(_nPageCount, _nCurrIndex, _sPageName, _sPageExt){"
        "if(_nPageCount == null || _nPageCount<=1){return;} }\n"
        f'createPageHTML({pages}, {page}, "index", "html");</script></div></div>'
    )


def hanweb_list(place: Place, count: int, per_list: int, at: Callable[[int], DemoReport]) -> str:
    """The column page: three pages of records in a data island, and the script that pages them."""
    shown = [at(number) for number in range(min(count, per_list * _GROUP))]
    more = _next_group(place, 1) if count > len(shown) else ""
    return (
        f'<div class="lm"><h2>{COLUMN}</h2></div><div id="5531" class="list_con">'
        f'<script type="text/xml"><datastore>\n{more}<recordset>\n{_records(shown)}'
        "</recordset></datastore></script></div>\n"
        "<script type=\"text/javascript\">jQuery(function(){jQuery('#5531').jpage({"
        "dataBefore:'<ul>',dataAfter:'</ul>',"
        f"totalRecord:{count},openCookies:false,showMode:'full',pageMode:'ajax',"
        f"perPage:{per_list},proxyUrl:'{PROXY}',groupSize:{_GROUP}}});}});</script>"
    )


def hanweb_window(
    place: Place,
    parameters: Mapping[str, str],
    count: int,
    per_list: int,
    at: Callable[[int], DemoReport],
) -> str:
    """The data proxy's answer: the records parameters for by number, or else by group."""
    group = int(parameters.get("page", "1"))
    size = per_list * _GROUP
    start = int(parameters.get("startrecord", group * size + 1)) - 1
    end = int(parameters.get("endrecord", start + size))
    shown = [at(number) for number in range(max(start, 0), min(end, count))]
    more = _next_group(place, group + 1) if "startrecord" not in parameters and end < count else ""
    return (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        f"<datastore><totalrecord>{count}</totalrecord>{more}<recordset>\n{_records(shown)}"
        "</recordset></datastore>"
    )


def _next_group(place: Place, group: int) -> str:
    name = quote(f"{place.county}人民政府")
    return (
        f'<nextgroup><![CDATA[<a href="{PROXY}?page={group}&appid=1&webid=12&path=/'
        f'&columnid=1012&unitid=5531&webname={name}&permissiontype=0"></a>]]></nextgroup>\n'
    )


def _records(shown: Sequence[DemoReport]) -> str:
    return "".join(
        f'<record><![CDATA[\n<li><a href="{known.url}" title="{known.title}" '
        f'target="_blank">{_cut(known.title)}</a><span>{known.published_on}</span></li>'
        "]]></record>\n"
        for known in shown
    )


def _plain_list(first: str, shown: Sequence[DemoReport], page: int, pages: int, count: int) -> str:
    base = first.rpartition("/")[0] + "/"
    lines = "\n".join(
        f'<tr><td height=24>·<a href="{_relative(known.url, base)}" target=_blank>'
        f"{known.title}</a></td><td width=100>({known.published_on})</td></tr>"
        for known in shown
    )
    names = ["list.htm", *[f"list_{number}.htm" for number in range(2, pages + 1)]]
    back = f'<a href="{names[page - 1]}">上一页</a>' if page else "上一页"
    onward = f'<a href="{names[page + 1]}">下一页</a>' if page + 1 < pages else "下一页"
    return (
        f"<table width=900 align=center><tr><td><b>{COLUMN}</b></td></tr>\n{lines}\n</table>\n"
        f'<p align=center>共{count}条 第{page + 1}/{pages}页 <a href="list.htm">首页</a> '
        f'{back} {onward} <a href="{names[-1]}">尾页</a></p>'
    )


def section(place: Place) -> str:
    """The main part of the information section: its columns, the annual reports among them."""
    return _side(place) + "<p>政府信息公开专栏，请从左侧选择栏目。</p>"


def home(place: Place) -> str:
    """The main part of a portal's home page: some news and the way to the section."""
    news = "".join(
        f'<li><a href="{HOMES[place.key]}xw/2025/n{number}.html">{place.county}{what}</a>'
        f"<span>2025-02-{number + 10}</span></li>"
        for number, what in enumerate(("召开政府常务会议", "举行春季农业现场会", "部署防汛工作"))
    )
    return (
        f'<div class="xw"><h2>要闻</h2><ul>{news}</ul></div>'
        f'<div class="gk"><a href="{SECTIONS[place.key]}">政府信息公开</a> '
        f'<a href="{LISTS[place.key]}">{COLUMN}</a></div>'
    )


def _side(place: Place) -> str:
    """The side navigation of the section."""
    links = list(zip(_NEIGHBOUR_COLUMNS[place.family], _COLUMN_NAMES, strict=True))
    lines = "".join(f'<li><a href="{_beside(place, at)}">{name}</a></li>' for at, name in links)
    own = f'<li><a href="{LISTS[place.key]}">{COLUMN}</a></li>'
    return f'<div class="left_menu"><ul>{lines}{own}</ul></div>\n'


def _beside(place: Place, name: str) -> str:
    if place.family == "hanweb":
        return f"{HOMES[place.key]}col/col{name}/index.html"
    return SECTIONS[place.key] + name


def _cut(title: str) -> str:
    return title if len(title) <= _CUT else f"{title[: _CUT - 1]}…"


def _relative(url: str, base: str) -> str:
    return "./" + url.removeprefix(base) if url.startswith(base) else url
