"""The families whose lists a script asks for: JSON, JSONP, posted JSON, fragments of HTML."""

import json

from tests.storm.dialect import JSON, SCRIPT, Column, Dialect, Request, Window

CHANNEL = "0123456789abcdef0123456789abcd"


class UcapJson(Dialect):
    """The list comes as JSON; pages count from 1."""

    per_page = 3
    callback = ""

    def menu(self, name: str) -> str:
        return f"/yt/{name}/list.shtml"

    def entry(self, column: Column) -> str:
        return f"/yt/c{100100 + column.number}/xxgk_list.shtml"

    def report(self, column: Column, year: int) -> str:
        return f"/yt/c{100100 + column.number}/{year + 1}01/{self.number(column, year)}.shtml"

    def text(self, inner: str) -> str:
        return f'<div id="UCAP-CONTENT"><UCAPCONTENT>{inner}</UCAPCONTENT></div>'

    def search(self, column: Column) -> str:
        return f"/common/search/{CHANNEL}{column.number:02}"

    def answer(self, column: Column, request: Request) -> str | Window | None:
        if request.path == self.entry(column):
            query = "_isAgg=true&_isJson=true&_pageSize=3&_template=index&_channelName="
            call = f"{self.search(column)}?{query}{self.callback}&page="
            return (
                f"<ul id='list'></ul><script>$.ajax({{url:'{call}'+page,dataType:'json'}})</script>"
            )
        if request.path != self.search(column) or request.query["_isJson"] != "true":
            return None
        pages, page = self.pages(column), int(request.query.get("page") or 1)
        found = [
            {
                "title": column.title(year),
                "url": self.report(column, year),
                "publishedTimeStr": f"{column.date(year)} 10:00:00",
            }
            for year in (pages[page - 1] if page <= len(pages) else ())
        ]
        data = {"total": len(column.years), "page": page, "rows": 3, "results": found}
        told = json.dumps({"code": "200", "data": data}, ensure_ascii=False)
        told = f"{request.query['callback']}({told});" if self.callback else told
        return Window(text=told, media_type=JSON)


class UcapJsonp(UcapJson):
    callback = "&callback=jQuery112"


class Gkmlpt(Dialect):
    """A shell whose script names the categories; pages 0 and 1 are the same."""

    per_page = 3

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}/"

    def entry(self, column: Column) -> str:
        return f"/organ{column.number}/gkmlpt/index" if column.number else "/gkmlpt/index"

    def report(self, column: Column, year: int) -> str:
        return (
            f"{self.entry(column).removesuffix('index')}content/{column.number}/9/post_{year}.html"
        )

    def text(self, inner: str) -> str:
        return f'<div class="article-content">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        shell, sid = self.entry(column), 755000 + column.number
        if request.path == shell:
            nodes = [
                {"id": 4, "name": "机构职能", "children": [{"id": 7, "name": "领导"}]},
                {"id": 9, "name": "政府信息公开年报"},
                {"id": 11, "name": "财政预决算"},
            ]
            tree = json.dumps(nodes)
            script = f"window._CONFIG = {{SID:'{sid}', TREE:{tree}, SERVICE_AREA_ID:1}}"
            return f'<div id="app"></div><script>{script}</script>'
        if request.path != shell.replace("index", "api/all/9") or request.query["sid"] != str(sid):
            return None
        pages, page = self.pages(column), max(int(request.query["page"]), 1)
        articles = [
            {
                "id": year,
                "title": column.title(year),
                "url": f"{self.report(column, year)}",
                "display_publish_time": f"{column.date(year)} 09:00",
            }
            for year in (pages[page - 1] if page <= len(pages) else ())
        ]
        told = json.dumps({"articles": articles, "total": len(column.years)})
        return Window(text=told, media_type=JSON)


class Lonsun(Dialect):
    """Further pages are fragments that a label answers with."""

    def menu(self, name: str) -> str:
        return f"/zwgk/public/{name}/"

    def entry(self, column: Column) -> str:
        return f"/public/column/{6590 + column.number}?type=4&action=list&catId=77&nav=3"

    def report(self, column: Column, year: int) -> str:
        return f"/public/{6590 + column.number}/88{column.number}{year}.html"

    def text(self, inner: str) -> str:
        return f'<div class="j-fontContent newscontnet">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        organ, pages = str(6590 + column.number), self.pages(column)
        if request.path == f"/public/column/{organ}":
            call = (
                "/site/label/8888?IsAjax=1&dataType=html&labelName=publicInfoList&siteId=6&pageSize=3"
                f"&pageIndex=1&action=list&organId={organ}&type=4&catId=77"
            )
            pager = f'$("#page_public_info").page({{pageIndex:1,pageCount:{len(pages)}}});'
            return f'{self.rows(column, pages[0])}<script>var url="{call}";{pager}</script>'
        if request.path != "/site/label/8888" or request.query["organId"] != organ:
            return None
        return Window(text=self.rows(column, pages[int(request.query["pageIndex"]) - 1]))


class Epoint(Dialect):
    """Posted JSON; what the site is called stands in a script of its own."""

    guid = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
    script = "/js/webBuilderCommon.js"
    marks = f'<script src="{script}"></script>'
    asked_at = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}/"

    def entry(self, column: Column) -> str:
        return f"/dynamic/zwgk/govInfoPubright.html?categorynum=003{column.number:03}&deptcode=d1"

    def report(self, column: Column, year: int) -> str:
        name = self.number(column, year)
        name = "-".join((name[:8], name[8:12], name[12:16], name[16:20], name[20:]))
        return f"/zwgk/003{column.number:03}/{year + 1}0110/{name}.html"

    def text(self, inner: str) -> str:
        return f'<div class="ewb-article-info">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        number = f"003{column.number:03}"
        if request.path == self.script:
            told = {"siteGuid": self.guid, "projectName": "/EWB-FRONT"}
            return Window(text=f"var siteInfo = {json.dumps(told)};", media_type=SCRIPT)
        if request.path == "/dynamic/zwgk/govInfoPubright.html":
            shell = '<table><tbody id="infolist"></tbody></table><div id="pager"></div>'
            return shell if request.query["categorynum"] == number else None
        if request.path != self.asked_at or request.media_type != "application/json":
            return None
        told = json.loads(request.body)
        if told["categorynum"] != number or told["siteGuid"] != self.guid:
            return None
        size, years = min(int(told["pageSize"]), 3), sorted(column.years, reverse=True)
        at = int(told["pageIndex"]) * size
        data = [
            {
                "realtitle": column.title(year),
                "title": column.title(year),
                "infourl": self.report(column, year),
                "infodate": column.date(year),
            }
            for year in years[at : at + size]
        ]
        told = json.dumps({"custom": {"data": data, "total": len(years)}})
        return Window(text=told, media_type=JSON)


class TrueCms(Dialect):
    """Windows of records, as a script's call around XML."""

    per_page = 3
    proxy = "/truecms/messageController/getMessage.do"

    def menu(self, name: str) -> str:
        return f"/zwgk/{name}/"

    def entry(self, column: Column) -> str:
        return f"/ytx/nb{column.number}/nb{column.number}.html"

    def report(self, column: Column, year: int) -> str:
        return f"/ytx/nb{column.number}/content/{self.number(column, year)}.html"

    def text(self, inner: str) -> str:
        return f'<div id="zoom">{inner}</div>'

    def answer(self, column: Column, request: Request) -> str | Window | None:
        number, years = f"4a5b-{column.number}", sorted(column.years, reverse=True)
        if request.path == self.entry(column):
            told = f"ajaxParam:{{columnId:'{number}'}},perPage:3,totalRecord:{len(years)}"
            return f"<div id='lb'></div><script>$('#lb').jpage({{proxyUrl:'{self.proxy}',{told}}});</script>"
        if request.path != self.proxy or request.query["columnId"] != number:
            return None
        shown = years[int(request.query["startrecord"]) - 1 : int(request.query["endrecord"])]
        records = "".join(
            f"<record><![CDATA[{item}]]></record>" for item in self.items(column, shown)
        )
        told = {"result": f"<datastore><recordset>{records}</recordset></datastore>"}
        called = f"{request.query['callback']}({json.dumps(told, ensure_ascii=False)})"
        return Window(text=called, media_type=JSON)
