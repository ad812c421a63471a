"""Mark-up of portals put around a text at test time: what a visitor's browser gets, with menus,
header boxes, share bars, editors' paste and feet as the families have them.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

_RUNS = re.compile(r"\d+|[^\d]")
_MENU = "".join(
    f'<li><a href="/{path}/">{name}</a></li>'
    for path, name in (
        ("", "首页"),
        ("zwgk", "政务公开"),
        ("bsfw", "办事服务"),
        ("hdjl", "互动交流"),
    )
)
_SHARE = (
    '<div class="share"><span>分享到：</span><a title="分享到微信" href="#">微信</a>'
    '<div class="code" style="display:none"><p>用微信“扫一扫”，点击右上角分享按钮</p></div></div>'
)
_TOOLS = (
    '<div class="tools">【字体：<a href="#">大</a> <a href="#">中</a> <a href="#">小</a>】'
    '<a href="javascript:window.print()">打印本页</a> <a href="javascript:close()">关闭窗口</a></div>'
)
_FRIENDS = "".join(f'<option value="http://x{n}.gov.cn">友情链接{n}</option>' for n in range(9))


def pasted(line: str) -> str:
    """A paragraph as Word leaves it: runs of digits and lone characters in spans of their own."""
    spans = "".join(
        f'<span lang="EN-US" style="font-size:16pt">{run}</span>'
        if run.isdigit()
        else f"<span style=\"font-family:'仿宋_GB2312'\">{html.escape(run)}</span>"
        for run in _RUNS.findall(line)
    )
    return f'<p class="MsoNormal" style="text-indent:32pt">{spans}<o:p></o:p></p>\n'


def around(body: str, *, head: str, crumbs: Sequence[str], foot: Iterable[str]) -> str:
    """A whole page: head, menu, breadcrumb, body, select of other sites, foot."""
    way = "&nbsp;&gt;&nbsp;".join(f'<a href="/{n}/">{name}</a>' for n, name in enumerate(crumbs))
    feet = "".join(f"<p>{html.escape(line)}</p>" for line in foot)
    return (
        f"<!DOCTYPE html>\n<html><head>{head}</head><body>\n"
        f'<div class="header"><img src="/images/logo.png"><ul class="nav">{_MENU}</ul></div>\n'
        f'<div class="crumbs">当前位置：{way}</div>\n{body}\n'
        f'<div class="links"><select>{_FRIENDS}</select></div><div class="footer">{feet}</div>\n'
        "<script>var _hmt=_hmt||[];</script></body></html>"
    )


def box(rows: Iterable[Sequence[tuple[str, str]]]) -> str:
    """A catalogue header: two labelled values a row, labels spaced out to equal width."""
    cells = (
        "".join(
            f'<td class="tit"><b>{"&nbsp;&nbsp;".join(name)}：</b></td><td>{html.escape(value)}</td>'
            for name, value in row
        )
        for row in rows
    )
    table = "".join(f"<tr>{row}</tr>" for row in cells)
    return f'<table class="xxgk_table" border="0" width="100%">{table}</table>'


def ucap(lines: Iterable[str], *, title: str, file: str) -> str:
    """UCAP: the text in a tag of its own between share bar and attachment box."""
    text = "".join(map(pasted, lines))
    return (
        f'<div class="article"><h2><UCAPTITLE>{title}</UCAPTITLE></h2>{_SHARE}{_TOOLS}'
        f'<div id="cmsArticleContent"><UCAPCONTENT>{text}</UCAPCONTENT></div>'
        f'<div class="fujian"><h3>相关附件</h3><a href="/files/a1b2.doc">{file}</a></div>'
        '<div class="relatedlinks"><h3>相关文档</h3><ul></ul></div></div>'
    )


def trs(body: str, *, day: str = "", title: str = "") -> str:
    """TRS: heading, line with the day, editor's container, hint at the telephone."""
    heading = f'<div class="article_title">{title}</div>' if title else ""
    line = f'<div class="info"><span>发布时间：{day}</span><span>来源：</span></div>' if day else ""
    return (
        f'<div class="detail">{heading}{line}{_TOOLS}<div class="TRS_Editor">{body}</div>'
        f'<div class="ewm"><p>扫一扫在手机上查看当前页面</p></div>{_SHARE}</div>'
    )


def hanweb(body: str, header: str) -> str:
    """Hanweb's catalogue page: header box, text in #zoom between the feed's marks."""
    return (
        f'<div id="barrierfree_container">{header}<div class="bt-article-02"><div id="zoom">'
        f'<!--ZJEG_RSS.content.begin--><meta name="ContentStart">{body}<meta name="ContentEnd">'
        f"<!--ZJEG_RSS.content.end--></div>{_SHARE}</div></div>"
    )


def statistics(lines: Sequence[str]) -> str:
    """The flattened table of 2014 to 2018 as the table it was: label, unit, value a row."""
    rows: list[list[str]] = [["统计指标", "单位", "统计数"]]
    for line in filter(None, (line.strip() for line in lines)):
        if line.isdigit() or line in {"万元", "人次"}:
            rows[-1][2 if line.isdigit() else 1] = line
        elif line.startswith("(不"):
            rows[-1][0] += line
        else:
            rows.append([line, "", ""])
    cells = (
        "".join(f'<td style="border:1px solid">{pasted(cell)}</td>' for cell in row) for row in rows
    )
    return (
        '<table class="MsoNormalTable">' + "".join(f"<tr>{row}</tr>" for row in cells) + "</table>"
    )


def paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """The lines that say something, one mark-up paragraph each."""
    return (pasted(line.strip()) for line in lines if line.strip())


def between(lines: Sequence[str], first: str, last: str) -> list[str]:
    """Lines from the one that begins with `first` up to, without it, the one with `last`."""
    start = next(n for n, line in enumerate(lines) if line.startswith(first))
    return list(takewhile(lambda line: not line.startswith(last), lines[start:]))
