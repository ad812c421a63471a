"""A report as the page of its portal: header, text with its tables, attachments, chrome."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache

from crawler.demo.forms import data_text, hole_list, tables
from crawler.demo.reports import DemoReport, Place

_SHARE = (
    '<div class="share">字体大小：<a href="javascript:;">大</a> <a href="javascript:;">中</a> '
    '<a href="javascript:;">小</a> 打印 收藏 分享到：<a href="javascript:;">微信</a> X</div>'
)
_QR = '<div class="ewm"><img src="/images/ewm.png"/>扫一扫在手机上查看当前页面</div>'
_HEADER_NAMES = ("索 引 号", "分  类", "发文机关", "发文日期", "名  称", "文  号")
# The text's container, as each family marks it.
_BODIES = {
    "trs": ('<div class="TRS_Editor">', "</div>"),
    "hanweb": ('<div id="zoom"><!--ZJEG_RSS.content.begin-->', "<!--ZJEG_RSS.content.end--></div>"),
    "plain": ('<table width=900 align=center><tr><td class="nr">', "</td></tr></table>"),
}


@cache
def texts() -> Mapping[str, list[str]]:
    """The paragraphs of each kind of report, with placeholders."""
    return tomllib.loads(data_text("texts.toml"))


def article(place: Place, known: DemoReport, near: tuple[DemoReport, ...]) -> str:
    """The main part of a report's page; `near` are the reports before and after it."""
    opening, closing = _BODIES[place.family]
    parts = [
        _header(place, known),
        f'<div class="xl-title"><h1>{known.title}</h1></div>',
        _line(place, known),
        _SHARE,
        opening,
        *paragraphs(place, known),
        closing,
        _attachment(place, known),
        _QR,
        _neighbours(near),
    ]
    return "\n".join(part for part in parts if part)


def paragraphs(place: Place, known: DemoReport) -> Iterator[str]:
    """The report's text as HTML paragraphs and tables."""
    names = _names(place, known)
    for line in texts()[known.form]:
        if line == "@own":
            yield from (f"<p>　　{one}</p>" for one in known.own_words)
        elif line.startswith("@"):
            yield _table(known, line[1:])
        elif line.startswith("# "):
            yield f"<p><strong>{line[2:].format_map(names)}</strong></p>"
        else:
            yield f"<p>　　{line.format_map(names)}</p>"
    if known.form != "farm":
        day = known.published_on
        signed = f"{day.year}年{day.month}月{day.day}日"
        yield f'<p align="right">{known.agency}</p><p align="right">{signed}</p>'


def metas(known: DemoReport, column: str) -> str:
    """The meta tags of an article page (政府网站发展指引) as far as its header prints them."""
    if known.style == "none":
        return ""
    return (
        f'<meta name="ColumnName" content="{column}"/>\n'
        f'<meta name="ColumnType" content="信息公开年报"/>\n'
        f'<meta name="ArticleTitle" content="{known.title}"/>\n'
        f'<meta name="PubDate" content="{known.published_on} 09:00"/>\n'
        f'<meta name="ContentSource" content="{known.agency}"/>\n'
    )


def _header(place: Place, known: DemoReport) -> str:
    if known.style == "bar":
        return _bar(known.fields)
    if known.style != "table":
        return ""
    day = known.published_on
    values = (
        known.fields["index_number"],
        known.fields["category"],
        known.fields["agency"],
        f"{day.year}年{day.month}月{day.day}日 10:00",
        known.title,
        known.fields["document_number"],
    )
    cells = [
        f"<td><b>{name}：</b></td><td>{value}</td>"
        for name, value in zip(_HEADER_NAMES, values, strict=True)
    ]
    kind = "xxgk_table" if place.family == "hanweb" else "headInfo"
    lines = "".join(
        f"<tr>{one}{two}</tr>" for one, two in zip(cells[::2], cells[1::2], strict=True)
    )
    return f'<table class="{kind}" width="100%">{lines}</table>'


def _bar(fields: Mapping[str, str]) -> str:
    """The one-line header: label | value | label | value |."""
    return (
        f'<p class="idx">索引号： | {fields["index_number"]} | 主题分类： | {fields["category"]} |'
        f"<br>发文机关： | {fields['agency']} | 成文日期： | {fields['written_on']} 10:56:08 |</p>"
    )


def _line(place: Place, known: DemoReport) -> str:
    """The line below the title: date, source and a counter that moves with every visit."""
    if known.style != "line":
        return ""
    counter = "" if place.family == "trs" else "　浏览次数：{{visit}}"
    return f'<div class="xl-xx">发布时间：{known.published_on}　来源：{known.agency}{counter}</div>'


def _table(known: DemoReport, place: str) -> str:
    """One of the form's tables with the report's printed figures."""
    start = 0
    for name, table in tables(known.form).items():
        if name == place:
            return table.filled(known.printed[start : start + len(table.holes)])
        start += len(table.holes)
    raise KeyError(place)


def _names(place: Place, known: DemoReport) -> dict[str, str]:
    """What the placeholders of the text stand for; prose repeats the table's figures (R18)."""
    names = {
        hole.indicator.partition(".")[2].replace(".", "_"): printed
        for hole, printed in zip(hole_list(known.form), known.printed, strict=True)
        if hole.applicant in (None, "total")
    }
    seed = known.published_on.toordinal()
    names |= {"new": names.get("s3_new", str(seed % 7)), "disclosed": str(300 + seed % 900)}
    names |= {"website": str(200 + seed % 80), "board": str(20 + seed % 60)}
    names |= {"carried_in": names.get("s3_carried_in", "0")}
    names |= {"carried_out": names.get("s3_carried_out", "0")}
    return names | {
        "county": place.county,
        "agency": known.agency,
        "year": str(known.year),
        "next_year": str(known.year + 1),
    }


def attachment_url(place: Place, known: DemoReport) -> str | None:
    """Where the report's attachment lies; None when it has none."""
    if known.attachment is None:
        return None
    ending = known.attachment.rpartition(".")[2]
    if place.family == "hanweb":
        name = f"{known.year}d0c5.{ending}"
        return f"/{place.key}/module/download/downfile.jsp?classid=0&filename={name}"
    folder = known.url.rpartition("/")[0]
    return f"{folder}/P0{known.published_on:%Y%m%d}3852.{ending}"


def _attachment(place: Place, known: DemoReport) -> str:
    target = attachment_url(place, known)
    if target is None:
        return ""
    return (
        f'<p class="fj">附件：<a href="{target.replace("&", "&amp;")}">{known.attachment}</a></p>'
    )


def _neighbours(near: tuple[DemoReport, ...]) -> str:
    if not near:
        return ""
    lines = "".join(
        f'<li><a href="{other.url}">{other.title}</a> {other.published_on}</li>' for other in near
    )
    return (
        f'<div class="relate"><h3>相关文档</h3><ul>{lines}</ul></div>'
        f'<div class="sxp">上一篇：<a href="{near[0].url}">{near[0].title}</a><br/>'
        f'下一篇：<a href="{near[-1].url}">{near[-1].title}</a></div>'
    )
