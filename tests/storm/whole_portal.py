"""A whole portal in one family's dialect: a home page, menus, bodies with sections of their own,
and beside the way everything that looks like an annual report and is none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from tests.storm.county import Answer, Weather
from tests.storm.dialect import COLUMN, PLACE, Column, Dialect, Window, request_of

ABROAD = "127.9.0.1"  # another organisation's site: nobody may ask it
_DECOYS = {
    "/xw/2024/gzbg.html": "2024年政府工作报告",
    "/xw/2024/js.html": "2023年度财政决算报告",
    "/xw/2024/fzzf.html": "2023年度法治政府建设年度报告",
    "/xw/2024/nbxw.html": "我县2023年政府信息公开工作年度报告发布",
    "/xw/nbpx/": "我县举办政府信息公开年度报告编制培训会",
    "/qynb/": "企业年报公示",
    "/xw/": "新闻中心",
    "/hdjl/": "互动交流",
}
_TEXT = (
    "<p>根据《中华人民共和国政府信息公开条例》的规定，{name}现公布{year}年政府信息公开工作情况。</p>"
    "<p>全年主动公开政府信息{count}条，收到政府信息公开申请{count}件，均在法定期限内答复。</p>"
    "<p>存在的主要问题是公开内容不够全面，下一步将加强学习培训，提高公开质量。</p>"
)


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A portal: its weather, the reports it has (path to title), and what may be asked for them."""

    weather: Weather
    reports: dict[str, str]
    decoys: frozenset[str] = field(default_factory=frozenset)


def whole_portal(dialect: Dialect, *, reports: int = 7) -> Whole:
    """The county with so many reports, two departments with two each, two townships in one list."""
    county = Column(number=0, name=PLACE, years=range(2024 - reports, 2024))
    organs = [
        Column(number=n, name=f"{PLACE}{name}", years=range(2022, 2024))
        for n, name in enumerate(("教育局", "财政局"), 1)
    ]
    towns = Column(number=3, name=f"{PLACE}东河镇", years=range(2021, 2024))
    columns = [county, *organs, towns]
    pages = _Pages(dialect, county, organs, towns)

    def weather(line: str, _: int) -> Answer | None:
        request = request_of(line)
        for column in columns:
            if (told := dialect.answer(column, request)) is not None:
                return pages.listed(column, told)
        return pages.answer(line)

    return Whole(
        weather=weather,
        reports={dialect.report(c, year): c.title(year) for c in columns for year in c.years},
        decoys=frozenset(_DECOYS),
    )


class _Pages:
    """Everything of a portal that is no list."""

    def __init__(
        self, dialect: Dialect, county: Column, organs: Sequence[Column], towns: Column
    ) -> None:
        self.dialect, self.county, self.organs, self.towns = dialect, county, organs, towns
        told = {
            self.dialect.report(c, y): (c, y) for c in (county, *organs, towns) for y in c.years
        }
        self.reports = told

    def answer(self, line: str) -> Answer | None:
        at = self.dialect.menu
        if line == "/":
            return self.page(f"{PLACE}人民政府", self.home())
        if line == at("zwgk"):
            return self.page("政府信息公开", self.front())
        if line == at("bm"):
            links = [(at(f"organ{c.number}"), c.name.removeprefix(PLACE)) for c in self.organs]
            return self.page("部门信息公开", f'<ul class="organs">{_items(links)}</ul>')
        for column in self.organs:
            if line == at(f"organ{column.number}"):
                return self.page(column.name, self.menu(column))
        if line in self.reports:
            return self.report(*self.reports[line])
        return None

    def home(self) -> str:
        news = "".join(f"<li>{a}<span>2024-03-1{n}</span></li>" for n, a in enumerate(_decoys()))
        ways = [(self.dialect.menu("zwgk"), "政务公开"), (f"http://{ABROAD}/zfxxgknb/", COLUMN)]
        return f'<div class="gk">{_links(ways)}</div><div class="xw"><ul>{news}</ul></div>'

    def front(self) -> str:
        """The section of public information: its columns, and what was disclosed last."""
        latest = "".join(f"<li>{a}<span>2024-02-1{n}</span></li>" for n, a in enumerate(_decoys()))
        bodies = [(self.dialect.menu("bm"), "部门信息公开")]
        return f"{self.menu(self.county)}<div>{_links(bodies)}</div><ul>{latest}</ul>"

    def menu(self, column: Column) -> str:
        """The columns of one body's section."""
        at = self.dialect.menu
        names = {"zn": "政府信息公开指南", "zd": "政府信息公开制度", "ml": "法定主动公开内容"}
        links = [(at(f"{slug}{column.number}"), name) for slug, name in names.items()]
        links.append((self.dialect.entry(column), COLUMN))
        return f'<div class="left_menu"><ul>{_items(links)}</ul></div>'

    def listed(self, column: Column, told: str | Window) -> Answer:
        """A list page in its section; what scripts are answered with stands alone."""
        if isinstance(told, Window):
            return Answer(body=told.text.encode(), media_type=told.media_type)
        tabs = [(self.dialect.entry(self.county), "县政府年报")]
        tabs.append((self.dialect.entry(self.towns), "乡镇（街道）年报"))
        tab = (
            f'<div class="tabs">{_links(tabs)}</div>' if column in (self.county, self.towns) else ""
        )
        hot = f'<div class="hot"><ul>{"".join(f"<li>{a}</li>" for a in _decoys())}</ul></div>'
        return self.page(COLUMN, f"{self.menu(column)}{tab}<div>{told}</div>{hot}")

    def report(self, column: Column, year: int) -> Answer:
        title = column.title(year)
        text = _TEXT.format(name=column.name, year=year, count=year - 2000 + column.number)
        beside = "".join(f"<li>{a}</li>" for a in _decoys())
        inner = self.dialect.text(text)
        return self.page(title, f'<h1>{title}</h1>{inner}<ul class="xgwd">{beside}</ul>')

    def page(self, title: str, main: str) -> Answer:
        nav = _links([("/", "首页"), ("/xw/", "新闻中心"), ("/hdjl/", "互动交流")])
        crumbs = f'当前位置：<a href="/">首页</a> &gt; <a>{title}</a>'
        return Answer(
            body=(
                f'<html><head><meta charset="utf-8"><title>{title}_{PLACE}人民政府</title>'
                f'{self.dialect.marks}</head><body><div class="header">{nav}</div>'
                f'<div class="position">{crumbs}</div>{main}'
                f'<div class="footer">主办：{PLACE}人民政府 '
                f'<a href="http://{ABROAD}/nb/">省政府信息公开年报</a></div></body></html>'
            ).encode()
        )


def _decoys() -> Iterable[str]:
    return (f'<a href="{path}">{name}</a>' for path, name in _DECOYS.items())


def _links(links: Iterable[tuple[str, str]]) -> str:
    return " ".join(f'<a href="{path}">{name}</a>' for path, name in links)


def _items(links: Iterable[tuple[str, str]]) -> str:
    return "".join(f"<li>{_links([link])}</li>" for link in links)


def path_of(url: str) -> str:
    """Path and query of a URL."""
    parts = urlsplit(url)
    return f"{parts.path}{f'?{parts.query}' if parts.query else ''}"
