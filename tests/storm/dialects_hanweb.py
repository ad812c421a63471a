"""大汉 Hanweb in all its ways: records in the page, windows of a proxy, the xxgk module, JPAAS."""

import json
from collections.abc import Sequence
from urllib.parse import quote

from tests.storm.dialect import JSON, PLACE, XML, Column, Dialect, Request, Window

PROXY = "/module/web/jpage/dataproxy.jsp"
SEARCH = "/module/xxgk/search.jsp"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"


class Hanweb(Dialect):
    """Up to three pages of records stand in the column's page: here that is all of them."""

    per_page = 15
    marks = "<!-- 大汉版通发布系统 -->"

    def menu(self, name: str) -> str:
        return f"/col/col{1000 + sum(map(ord, name))}/index.html"

    def entry(self, column: Column) -> str:
        return f"/col/col{self.id(column)}/index.html"

    def id(self, column: Column) -> str:
        return str(3000 + column.number)

    def report(self, column: Column, year: int) -> str:
        return f"/art/{year + 1}/1/10/art_{self.id(column)}_{column.number}{year}.html"

    def text(self, inner: str) -> str:
        return f'<div id="zoom" class="bt_content">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        years = sorted(column.years, reverse=True)
        if request.path == self.entry(column):
            return self.first(column, years)
        if request.path != PROXY or self.parameter(request, "columnid") != self.id(column):
            return None
        shown = self.records(column, self.window(request, years))
        return Window(text=f"<datastore>{shown}</datastore>", media_type=XML)

    def first(self, column: Column, years: Sequence[int]) -> str:
        """The column's page: a data island, and the script that pages it."""
        embedded = years[: 3 * self.per_page]
        more = self.further(column, 1) if len(years) > len(embedded) else ""
        island = more + self.records(column, embedded)
        unit = f"u{column.number}"
        return (
            f'<div id="{unit}"><script type="text/xml"><datastore>{island}</datastore></script>'
            f"</div><script>jQuery('#{unit}').jpage({{totalRecord:{len(years)},"
            f"perPage:{self.per_page},proxyUrl:'{PROXY}'{self.parameters(column)}}});</script>"
        )

    def records(self, column: Column, years: Sequence[int]) -> str:
        items = self.items(column, years)
        records = "".join(f"<record><![CDATA[{item}]]></record>" for item in items)
        return f"<recordset>{records}</recordset>"

    def further(self, column: Column, group: int) -> str:
        """What is printed of a further group of records."""
        return ""

    def parameters(self, column: Column) -> str:
        """Further parameters of the script."""
        return ""

    def parameter(self, request: Request, name: str) -> str:
        """A parameter as the server takes it."""
        return request.query.get(name, "")

    def window(self, request: Request, years: Sequence[int]) -> Sequence[int]:
        """The records asked for: by number, or else group by group."""
        if "startrecord" in request.query:
            return years[int(request.query["startrecord"]) - 1 : int(request.query["endrecord"])]
        group, size = int(request.query.get("page", "1")), 3 * self.per_page
        return years[group * size : (group + 1) * size]


class HanwebGet(Hanweb):
    per_page = 1

    def further(self, column: Column, group: int) -> str:
        name = quote(f"{PLACE}人民政府")
        return (
            f'<nextgroup><![CDATA[<a href="{PROXY}?page={group}&appid=1&appid=1&webid=12&path=/'
            f"&columnid={self.id(column)}&unitid=5531&webname={name}&permissiontype=0"
            '"></a>]]></nextgroup>'
        )


class HanwebByPage(HanwebGet):
    """A server that does not look at startrecord."""

    def window(self, request: Request, years: Sequence[int]) -> Sequence[int]:
        if "perpage" in request.query:
            page, size = int(request.query["page"]), int(request.query["perpage"])
            return years[(page - 1) * size : page * size]
        return super().window(request, years)


class HanwebPost(Hanweb):
    """Only a form is answered; a plain request gets an empty store."""

    per_page = 1

    def parameters(self, column: Column) -> str:
        return (
            f",ajaxParam:({{'col':1,'appid':1,'webid':12,'path':'/','columnid':{self.id(column)},"
            f"'sourceContentType':1,'unitid':5531,'webname':'{PLACE}人民政府','permissiontype':0}})"
        )

    def parameter(self, request: Request, name: str) -> str:
        is_form = request.media_type.startswith("application/x-www-form-urlencoded")
        return request.form.get(name, "") if is_form else ""


class HanwebPostTwin(HanwebGet):
    """As HanwebPost, but the page prints what a plain request would be."""

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path == PROXY and request.method == "GET":
            return Window(text="<datastore></datastore>", media_type=XML)
        return super().answer(column, request)

    def parameter(self, request: Request, name: str) -> str:
        return request.form.get(name, "")


class Xxgk(Hanweb):
    """The module 信息公开: a call in the column's page, and a form for each page of rows."""

    per_page = 3

    def first(self, column: Column, years: Sequence[int]) -> str:
        area = f"00100800{column.number}"
        return (
            f'<iframe width="20" src="/module/xxgk/tree.jsp?area={area}"></iframe>'
            f'<div id="div{self.id(column)}"></div><script>loadDynamic(\'{SEARCH}?standardXxgk=1'
            f"&infotypeId=Z09&vc_title='+encodeURI(b)+'&area={area}', 'div{self.id(column)}',"
            " 'Z09','0','950','12','','');</script>"
        )

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path != SEARCH:
            return super().answer(column, request)
        form = {**request.form, **request.query}
        if request.method != "POST" or request.form.get("divid") != f"div{self.id(column)}":
            return None
        pages = self.pages(column)
        rows = "".join(
            f'<tr class="tr_main_value_odd"><td><a href="{self.report(column, year)}" '
            f'mc="{column.title(year)}" rq="{column.date(year)}" syh="002/{year}-1">'
            f"{column.title(year)[:12]}…</a></td><td>{column.date(year)}</td></tr>"
            for year in pages[int(form.get("currpage") or 1) - 1]
        )
        return Window(text=f"<table>{rows}</table><div>第1页/共&nbsp;{len(pages)}&nbsp;页</div>")


class Jpaas(Hanweb):
    """The new generation: a unit of the page is asked for; its pages only through paramJson."""

    per_page = 3

    def first(self, column: Column, years: Sequence[int]) -> str:
        data = (
            f"{{'parseType':'bulidstatic','webId':'3085','tplSetId':'f6a2','pageType':'column',"
            f"'tagId':'当前栏目_list','editType':'null','pageId':'{self.id(column)}'}}"
        )
        return f'<div id="list"></div><script url="{UNIT}" queryData="{data}"></script>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path != UNIT:
            return super().answer(column, request)
        if request.query["pageId"] != self.id(column) or request.query["webId"] != "3085":
            return None
        told = json.loads(request.query.get("paramJson", "{}"))
        pages = self.pages(column)
        page = int(told.get("pageNo", 1))
        rows = self.rows(column, pages[page - 1] if page <= len(pages) else ())
        pager = (
            f'<div class="pagination" rows="{self.per_page}" count="{len(column.years)}" '
            f'pageNo="{page}"></div>'
        )
        told = json.dumps({"code": "200", "data": {"html": rows + pager}}, ensure_ascii=False)
        return Window(text=told, media_type=JSON)
