"""The families whose lists are pages: each further page has a URL that the first one names."""

import re

from tests.storm.dialect import Column, Dialect, Request, Window


class Trs(Dialect):
    marks = '<meta name="ChnlId" content="77">'

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}/"

    def entry(self, column: Column) -> str:
        return f"/zwgk/zfxxgk/{column.number or ''}zfxxgknb/"

    def report(self, column: Column, year: int) -> str:
        return f"{self.entry(column)}{year + 1}01/t{year + 1}0110_{column.number}{year}77.html"

    def text(self, inner: str) -> str:
        return f'<div class="TRS_Editor">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        pages = self.pages(column)
        name = request.path.removeprefix(self.entry(column))
        found = re.fullmatch(r"|index\.html|index_(\d+)\.html", name)
        here = int(found.group(1) or 0) if found else len(pages)
        if here >= len(pages):
            return None
        script = f'createPageHTML({len(pages)}, {here}, "index", "html");'
        return f"{self.rows(column, pages[here])}<script>{script}</script>"


class Vsb(Dialect):
    """Counts down: page 2 of 3 is nb/2.htm, page 3 is nb/1.htm."""

    marks = (
        "<!--Announced by Visual SiteBuilder 9--><script src='/_sitegray/_sitegray.js'></script>"
    )

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}.htm"

    def entry(self, column: Column) -> str:
        return f"/zwgk/nb{column.number}.htm"

    def report(self, column: Column, year: int) -> str:
        return f"/info/{1000 + column.number}/{year}.htm"

    def text(self, inner: str) -> str:
        return f'<div id="vsb_content"><div class="v_news_content">{inner}</div></div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        pages = self.pages(column)
        stem, total = self.entry(column).removesuffix(".htm"), len(pages)
        names = [f"{stem}.htm", *(f"{stem}/{total - p + 1}.htm" for p in range(2, total + 1))]
        if request.path not in names:
            return None
        here = names.index(request.path)
        links = "".join(f'<a href="{name}">{p}</a>' for p, name in enumerate(names, 1))
        following = f'<a href="{names[here + 1]}">下页</a>' if here + 1 < total else "下页"
        pager = f'<span class="p_t">{here + 1}/{total}</span><span class="p_no">{links}</span>'
        return f"{self.rows(column, pages[here])}<div>{pager}{following}</div>"


class UcapStatic(Dialect):
    def menu(self, name: str) -> str:
        return f"/yt/{name}/list.shtml"

    def entry(self, column: Column) -> str:
        return f"/yt/c{100100 + column.number}/zfxxgkMultiList.shtml"

    def report(self, column: Column, year: int) -> str:
        return f"/yt/c{100100 + column.number}/{year + 1}01/{self.number(column, year)}.shtml"

    def text(self, inner: str) -> str:
        return f'<div id="UCAP-CONTENT"><UCAPCONTENT>{inner}</UCAPCONTENT></div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        pages = self.pages(column)
        stem = self.entry(column).removesuffix(".shtml")
        names = [f"{stem}.shtml", *(f"{stem}_{p}.shtml" for p in range(2, len(pages) + 1))]
        if request.path not in names:
            return None
        here, name = names.index(request.path), stem.rpartition("/")[2]
        call = f"createPageHTML('page_div',{len(pages)}, {here + 1},'{name}','shtml',20);"
        listed = self.rows(column, pages[here])
        return (
            f'{listed}<a href="null.shtml">更多</a><div id="page_div"></div><script>{call}</script>'
        )


class Nfcms(Dialect):
    """Counts from 1, and every report has a twin for telephones."""

    marks = "<script>var NFCMS_SITE_ID = 7550;</script>"

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}/"

    def entry(self, column: Column) -> str:
        return f"/zwgk/nb{column.number}/index.html"

    def report(self, column: Column, year: int) -> str:
        return f"/zwgk/nb{column.number}/content/post_{column.number}{year}55.html"

    def text(self, inner: str) -> str:
        return f'<div class="news_cont_d_wrap">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        pages = self.pages(column)
        stem = self.entry(column).removesuffix(".html")
        names = [f"{stem}.html", *(f"{stem}_{p}.html" for p in range(2, len(pages) + 1))]
        if request.path.endswith("/"):
            here = 0 if f"{request.path}index.html" == names[0] else -1
        else:
            here = names.index(request.path) if request.path in names else -1
        if here < 0:
            return None
        links = "".join(f'<a href="{name}">{p}</a>' for p, name in enumerate(names, 1))
        listed = self.rows(column, pages[here]).replace("post_", "mpost_", here)
        return f'{listed}<div class="page">{links}<a href="{names[-1]}">尾页</a></div>'


class Openness(Dialect):
    def menu(self, name: str) -> str:
        return f"/openness/OpennessContent/showBranch/{name}/"

    def entry(self, column: Column) -> str:
        return f"/openness/OpennessContent/showList/{22 + column.number}/45/page_1.html"

    def report(self, column: Column, year: int) -> str:
        return f"/openness/OpennessContent/show/{column.number}{year}.html"

    def text(self, inner: str) -> str:
        return f'<div class="openness-content">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        pages = self.pages(column)
        stem = self.entry(column).removesuffix("1.html")
        page = request.path.removeprefix(stem).removesuffix(".html")
        if not page.isdecimal() or int(page) > len(pages):
            return None
        rows = "".join(
            f'<tr><td><a href="{self.report(column, year)}">{column.title(year)}</a></td>'
            f"<td>{column.date(year)}</td></tr>"
            for year in pages[int(page) - 1]
        )
        links = " ".join(f'<a href="{stem}{p}.html">{p}</a>' for p in range(1, len(pages) + 1))
        return f'<table class="list">{rows}</table><div>共{len(pages)}页 {links}</div>'


class AspNet(Dialect):
    """Pages by a form that is posted back to the page itself."""

    state = "/wEPDwULLTE2MTY2ODcyMjk="

    def menu(self, name: str) -> str:
        return f"/gk/{name}/List.aspx"

    def entry(self, column: Column) -> str:
        return f"/gk/InfoPublic.aspx?cid={30 + column.number}"

    def report(self, column: Column, year: int) -> str:
        return f"/gk/Show.aspx?id={column.number}{year}"

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path != "/gk/InfoPublic.aspx" or request.query["cid"] != str(30 + column.number):
            return None
        pages, page = self.pages(column), 1
        if request.method == "POST":
            form = request.form
            if form.get("__VIEWSTATE") != self.state or form["__EVENTTARGET"] != "ctl00$Pager":
                return None
            page = int(form["__EVENTARGUMENT"])
        links = " ".join(
            f"<a href=\"javascript:__doPostBack('ctl00$Pager','{p}')\">{p}</a>"
            for p in range(1, len(pages) + 1)
        )
        return (
            '<form method="post">'
            f'<input type="hidden" name="__VIEWSTATE" value="{self.state}">'
            f"{self.rows(column, pages[page - 1])}<div>{links}</div></form>"
        )


class AnnualReportPages(Dialect):
    """Hanweb's page of one body and year; the list is a page of years."""

    marks = "<!-- 大汉版通发布系统 -->"

    def menu(self, name: str) -> str:
        return f"/col/col{sum(map(ord, name))}/index.html"

    def entry(self, column: Column) -> str:
        return f"/col/col{7000 + column.number}/index.html"

    def report(self, column: Column, year: int) -> str:
        area = 1008003 + column.number
        return f"/module/xxgk/xxgkAnnualReport.jsp?fbtime={year}&area=00{area}"

    def text(self, inner: str) -> str:
        return f'<div id="zoom">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path != self.entry(column):
            return None
        links = "".join(
            f'<li><a href="{self.report(column, year)}">{year}年</a></li>' for year in column.years
        )
        return f'<ul class="years">{links}</ul>'
