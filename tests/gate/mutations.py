"""Ways in which a portal could have printed the same page: the real pages in other mark-up.

Each mutation changes a tree in place, given the elements that hold the text, and keeps every word;
those that add words add only what is no text (tools, neighbours, notes under a text).
"""

from collections.abc import Callable, Sequence
from copy import deepcopy

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from archive.codebook.containers import containers, words_of

Mutation = Callable[[HtmlElement, Sequence[HtmlElement]], None]

_TOOLS = (
    '<div><span>【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】</span>'
    '<a href="javascript:window.print()">打印本页</a> <a href="javascript:close()">关闭窗口</a></div>'
)
_SHARE = '<div><span>分享到：</span><a href="#">微信</a> <a href="#">新浪微博</a> <a href="#">QQ空间</a></div>'
_NEIGHBOURS = (
    '<div><p>上一篇：<a href="t1.html">关于去年工作的通知</a></p>'
    '<p>下一篇：<a href="t2.html">关于明年工作的通知</a></p></div>'
)
_RELATED = (
    '<div><h3>相关链接</h3><ul><li><a href="t3.html">县里召开会议部署春耕备耕工作</a></li>'
    '<li><a href="t4.html">县财政局公布上一年度部门决算情况</a></li>'
    '<li><a href="t5.html">县教育局通报新学期准备工作情况</a></li></ul></div>'
)
_COUNTER = (
    '<div id="{}"><div>浏览次数：<span>12</span></div><div>扫一扫在手机打开当前页</div>'
    '<div><a href="#">返回顶部</a> <a href="#">打印</a></div></div>'
)
_NOTE = (
    "<div><p>责任编辑：张三</p><p>版权所有：某某县人民政府 备案序号：京ICP备00000000号</p></div>"
)
ADDED = (
    "关于去年工作的通知",
    "部署春耕备耕工作",
    "上一年度部门决算情况",
    "扫一扫在手机",
    "打印本页",
)
"""Words that mutations add and that no text may hold."""


def _names_gone(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """The container and what is around it have names that nobody knows."""
    for body in bodies:
        for element in (body, *body.iterancestors()):
            _rename(element)


def _all_names_gone(tree: HtmlElement, _: Sequence[HtmlElement]) -> None:
    """No element has the name of a container; those of menus and feet stay."""
    book = containers()
    known = book.certain | book.likely
    for element in tree.iter():
        for name in ("id", "class"):
            value = element.get(name)
            if value and not known.isdisjoint(value.split()):
                element.attrib.pop(name)


def _rename(element: HtmlElement) -> None:
    for name in ("id", "class"):
        value = element.get(name)
        if value and words_of(value).isdisjoint(containers().drop | containers().drop_inside):
            element.set(name, f"q{len(value)}z")


def _wrapped(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Three more elements around the text."""
    for body in bodies:
        for tag in ("div", "section", "div"):
            _wrap(body, tag)


def _wrap(body: HtmlElement, *tags: str) -> None:
    """All that is in the body goes into elements one inside the other."""
    inner = body.makeelement(tags[0], {})
    inner.text, body.text = body.text, None
    inner.extend(list(body))
    for tag in tags[1:]:
        outer = body.makeelement(tag, {})
        outer.append(inner)
        inner = outer
    body.append(inner)


def _in_cells(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """The text stands in a cell of a table that arranges the page."""
    _names_gone(tree, bodies)
    for body in bodies:
        if body.tag not in ("td", "tr", "table", "tbody", "body"):
            _wrap(body, "td", "tr", "tbody", "table")


def _in_deep_cells(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """... of two such tables."""
    _in_cells(tree, bodies)
    _in_cells(tree, bodies)


def _bare_divs(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Paragraphs are <div> without attributes."""
    for paragraph in _paragraphs(bodies):
        paragraph.tag = "div"
        paragraph.attrib.clear()


def _bare_divs_unnamed(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """... in a container that nobody knows."""
    _bare_divs(tree, bodies)
    _names_gone(tree, bodies)


def _breaks(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Paragraphs are text in the container, parted by <br><br>."""
    for paragraph in _paragraphs(bodies):
        for _ in range(2):
            br = paragraph.makeelement("br", {})
            br.tail, paragraph.tail = paragraph.tail, None
            paragraph.addnext(br)
        paragraph.drop_tag()


def _breaks_unnamed(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """... in a container that nobody knows."""
    _breaks(tree, bodies)
    _names_gone(tree, bodies)


def _spans(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Paragraphs are <span> with <br> behind them."""
    for paragraph in _paragraphs(bodies):
        paragraph.tag = "span"
        br = paragraph.makeelement("br", {})
        br.tail, paragraph.tail = paragraph.tail, None
        paragraph.addnext(br)


def _sections(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Paragraphs are <section>, as editors for telephones write them."""
    for paragraph in _paragraphs(bodies):
        inner = paragraph.makeelement("span", {})
        inner.text, paragraph.text = paragraph.text, None
        inner.extend(list(paragraph))
        paragraph.append(inner)
        paragraph.tag = "section"


def _two_containers(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """The text stands in two containers one behind the other, both unnamed."""
    _names_gone(tree, bodies)
    for body in bodies:
        children = list(body)
        if len(children) < 4 or body.tag in ("td", "body"):
            continue
        other = body.makeelement("div", {})
        other.extend(children[len(children) // 2 :])
        other.tail, body.tail = body.tail, None
        body.addnext(other)


def _same_name_twice(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """An element behind the text has its id and holds a counter and tools."""
    name = bodies[0].get("id")
    if name:
        bodies[-1].addnext(fragment_fromstring(_COUNTER.format(name)))


def _appended(markup: str) -> Mutation:
    def mutation(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
        bodies[-1].append(fragment_fromstring(markup))

    return mutation


def _appended_unnamed(markup: str) -> Mutation:
    def mutation(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
        bodies[-1].append(fragment_fromstring(markup))
        _names_gone(tree, bodies)

    return mutation


def _copied(_: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """A copy for telephones stands behind the text, its paragraphs in other elements."""
    for body in bodies:
        copy = deepcopy(body)
        copy.tail = None
        for paragraph in copy.iter("p"):
            paragraph.tag = "div"
        body.addnext(copy)


def _unstyled(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
    """Classes and ids below the container are gone, as are all styles but those that hide."""
    for body in bodies:
        for element in body.iterdescendants():
            for name in ("class", "id", "align"):
                element.attrib.pop(name, None)


def _paragraphs(bodies: Sequence[HtmlElement]) -> list[HtmlElement]:
    """Paragraphs of the text outside of tables."""
    return [
        paragraph
        for body in bodies
        for paragraph in body.iter("p")
        if paragraph is not body
        and not any(outer.tag in ("td", "th") for outer in _up_to(paragraph, body))
    ]


def _up_to(inner: HtmlElement, body: HtmlElement) -> list[HtmlElement]:
    found = []
    for outer in inner.iterancestors():
        if outer is body:
            break
        found.append(outer)
    return found


def _inside(tag: str) -> Mutation:
    def mutation(tree: HtmlElement, bodies: Sequence[HtmlElement]) -> None:
        _names_gone(tree, bodies)
        for body in bodies:
            if body.tag in ("div", "article", "section", "ucapcontent"):
                body.tag = tag

    return mutation


MUTATIONS: dict[str, Mutation] = {
    "names gone": _names_gone,
    "no container named": _all_names_gone,
    "wrapped": _wrapped,
    "in a cell": _in_cells,
    "in a cell in a cell": _in_deep_cells,
    "bare divs": _bare_divs,
    "bare divs, unnamed": _bare_divs_unnamed,
    "line breaks": _breaks,
    "line breaks, unnamed": _breaks_unnamed,
    "spans": _spans,
    "sections": _sections,
    "two containers": _two_containers,
    "its id twice": _same_name_twice,
    "copied for telephones": _copied,
    "nothing named inside": _unstyled,
    "as article": _inside("article"),
    "as form": _inside("form"),
    "tools behind": _appended(_TOOLS),
    "share bar behind": _appended(_SHARE),
    "neighbours behind": _appended(_NEIGHBOURS),
    "related behind": _appended(_RELATED),
    "notes behind": _appended(_NOTE),
    "tools behind, unnamed": _appended_unnamed(_TOOLS),
    "neighbours behind, unnamed": _appended_unnamed(_NEIGHBOURS),
    "related behind, unnamed": _appended_unnamed(_RELATED),
    "notes behind, unnamed": _appended_unnamed(_NOTE),
}
"""Every mutation by name."""


def serialised(tree: HtmlElement) -> bytes:
    """A tree as a server would send it."""
    return b"<!DOCTYPE html>\n" + etree.tostring(tree, encoding="utf-8", method="html")


def without_charset(tree: HtmlElement) -> None:
    """Takes the tags that name the character set out of a tree that is sent as UTF-8."""
    for meta in list(tree.iter("meta")):
        if meta.get("charset") or "charset" in (meta.get("content") or "").lower():
            meta.drop_tree()
