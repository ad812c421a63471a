"""What all families of the county have in common: columns of reports, requests, and plain lists."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

PLACE = "云台县"
COLUMN = "政府信息公开年报"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A list of annual reports: the county's own (number 0), a department's or a township's."""

    number: int
    name: str
    years: Sequence[int]

    def title(self, year: int) -> str:
        return f"{self.name}{year}年政府信息公开工作年度报告"

    def date(self, year: int) -> str:
        return f"{year + 1}-01-{10 + self.number:02}"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request, taken apart."""

    method: str
    path: str
    query: Mapping[str, str]
    media_type: str
    body: str

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body, keep_blank_values=True))


@dataclass(frozen=True, kw_only=True)
class Window:
    """What a script is answered with: it stands alone, in no page."""

    text: str
    media_type: str = "text/html; charset=utf-8"


JSON, XML, SCRIPT = "application/json", "text/xml; charset=utf-8", "application/javascript"


def request_of(line: str) -> Request:
    """The request behind a path as the county hands it to a portal's weather."""
    method, target, media_type, body = "GET", line, "", ""
    if line.startswith("POST "):
        method, target, media_type, body = line.split(" ", 3)
    path, _, query = target.partition("?")
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    return Request(method=method, path=path, query=parameters, media_type=media_type, body=body)


class Dialect:
    """A family: where its pages lie, how its lists page. This one is a hand-made site."""

    per_page = 3
    marks = ""  # in the head of every page

    def menu(self, name: str) -> str:
        """The URL of a page on the way: zwgk, bm, organ1 …"""
        return f"/gk/{name}/"

    def entry(self, column: Column) -> str:
        """The URL of a column's list."""
        return f"/gk/nb{column.number}/list.htm"

    def report(self, column: Column, year: int) -> str:
        """The URL of a report."""
        return f"/gk/nb{column.number}/{year}.htm"

    def text(self, inner: str) -> str:
        """A report's text in the family's container."""
        return f"<table width=760 align=center><tr><td>{inner}</td></tr></table>"

    def answer(self, column: Column, request: Request) -> str | Window | None:
        """The main part of a list page of the column, or a window of it; None when something else
        was asked for.
        """
        pages = self.pages(column)
        names = ["list.htm", *(f"list_{n}.htm" for n in range(2, len(pages) + 1))]
        folder, _, name = request.path.rpartition("/")
        if folder != f"/gk/nb{column.number}" or name not in names:
            return None
        here = names.index(name)
        steps = [("首页", 0), ("上一页", here - 1), ("下一页", here + 1), ("尾页", len(pages) - 1)]
        links = " ".join(
            f'<a href="{names[at]}">{word}</a>' if 0 <= at < len(pages) else word
            for word, at in steps
        )
        return f"{self.rows(column, pages[here])}<p>共{len(pages)}页 {links}</p>"

    def pages(self, column: Column) -> list[Sequence[int]]:
        """The years of each list page."""
        years = sorted(column.years, reverse=True)
        return [years[at : at + self.per_page] for at in range(0, len(years), self.per_page)]

    def rows(self, column: Column, years: Iterable[int]) -> str:
        """The reports of those years as a list."""
        return f'<ul class="list">{"".join(self.items(column, years))}</ul>'

    def items(self, column: Column, years: Iterable[int]) -> list[str]:
        return [
            f'<li><a href="{self.report(column, year)}" title="{column.title(year)}">'
            f"{column.title(year)[:14]}…</a><span>{column.date(year)}</span></li>"
            for year in years
        ]

    def number(self, column: Column, year: int) -> str:
        """32 hexadecimal digits that stand for a report."""
        return hashlib.md5(f"{column.number} {year}".encode()).hexdigest()  # noqa: S324 - a name
