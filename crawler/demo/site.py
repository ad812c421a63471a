"""The demo portal as a pure function: request -> answer."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import cache, lru_cache
from urllib.parse import parse_qsl, unquote

from crawler.demo import articles, columns
from crawler.demo.files import attachment_bytes
from crawler.demo.forms import data_text
from crawler.demo.reports import (
    FIRST_NUMBERS,
    DemoReport,
    Place,
    changed,
    farm_report,
    places,
    report,
    rows,
)

_HOLE = re.compile(r"\{\{(\w+)\}\}")
_NUMBER = re.compile(r"(\d{4,9})\.html?$")
_CHARSETS = {"plain": "gb2312"}
_CACHE = 4_096
_ROBOTS = b"User-agent: *\nDisallow: /trs/admin/\nDisallow: /hanweb/jcms/\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request. target: path and query; form: body of a POST; visit: a number that
    grows with every request; today: the date of the banner; if_none_match and if_modified_since
    as sent, None when not sent.
    """

    target: str
    form: str = ""
    visit: int = 0
    today: date = date(2025, 1, 1)
    if_none_match: str | None = None
    if_modified_since: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is answered, before coding and framing. chunked: how the portal's server frames."""

    status: int
    media_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    chunked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The reports of one portal: how many, and how to get each (newest first, from 0)."""

    place: Place
    count: int
    at: Callable[[int], DemoReport]

    def find(self, path: str) -> int | None:
        """The number of the report at a path; None when there is none."""
        named = _NUMBER.search(path)
        number = int(named.group(1)) - FIRST_NUMBERS[self.place.family] if named else -1
        return number if 0 <= number < self.count and self.at(number).url == path else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Static:
    """A page but for what moves with every visit."""

    body: bytes
    media_type: str
    etag: str
    modified_at: datetime


class Site:
    """A whole demo site: all its portals (or one generated one), as data says them."""

    def __init__(self, catalogues: Mapping[str, Catalogue], per_list: int) -> None:
        self._catalogues = catalogues
        self._per_list = per_list
        self._static = lru_cache(maxsize=_CACHE)(self._render)

    @property
    def portals(self) -> Mapping[str, Catalogue]:
        """The portals' reports by portal key."""
        return self._catalogues

    def warm(self) -> None:
        """Make the reports' pages now, as many as are kept: a bench measures others, not us."""
        for portal in self._catalogues.values():
            for number in range(min(portal.count, _CACHE)):
                self._static(portal.at(number).url)

    def answer(self, request: Request) -> Answer:
        """The answer to a request; 404 with a page for what does not exist."""
        path, _, query = request.target.partition("?")
        path = unquote(path)
        if path == "/robots.txt":
            return Answer(status=200, media_type="text/plain", body=_ROBOTS)
        if f"{path}/" in columns.HOMES.values():
            location = (("Location", f"{path}/"),)
            return Answer(status=301, media_type="text/html", body=b"", headers=location)
        if path == columns.PROXY and "hanweb" in self._catalogues:
            return self._window(f"{query}&{request.form}")
        page = self._static(f"{path}?{query}" if "downfile" in path else path)
        return _missing() if page is None else self._visited(page, path, request)

    def _visited(self, page: _Static, path: str, request: Request) -> Answer:
        known = self._catalogues.get(path.split("/")[1])
        family = known.place.family if known else ""
        headers = _validators(page, family)
        if headers and _is_unchanged(page, request):
            return Answer(status=304, media_type=page.media_type, body=b"", headers=headers)
        day = request.today
        banner = f"{day.year}年{day.month}月{day.day}日".encode(_CHARSETS.get(family, "utf-8"))
        body = page.body.replace(b"{{visit}}", str(10_000 + request.visit).encode())
        return Answer(
            status=200,
            media_type=page.media_type,
            body=body.replace(b"{{today}}", banner),
            headers=headers,
            chunked=family == "hanweb",
        )

    def _window(self, query: str) -> Answer:
        known = self._catalogues["hanweb"]
        parameters = {
            name: value
            for name, value in parse_qsl(query)
            if name in ("page", "startrecord", "endrecord") and value.isdecimal()
        }
        text = columns.hanweb_window(known.place, parameters, known.count, self._per_list, known.at)
        return Answer(status=200, media_type="text/xml;charset=utf-8", body=text.encode())

    def _render(self, path: str) -> _Static | None:
        portal = path.split("/")[1]
        if path == farm_report().url:
            return _farm()
        known = self._catalogues.get(portal)
        if known is None:
            return None
        if path in (columns.HOMES[portal], columns.SECTIONS[portal]):
            return self._entrance(known, path)
        page = columns.list_number(known.place, path, known.count, self._per_list)
        if page is not None:
            return self._list(known, page)
        number = known.find(path)
        return _attachment(known, path) if number is None else _report(known, number)

    def _entrance(self, known: Catalogue, path: str) -> _Static:
        if path == columns.HOMES[known.place.key]:
            main, trail = columns.home(known.place), ""
        else:
            main, trail = columns.section(known.place), columns.crumbs(known.place, listed=False)
        title = f"{known.place.county}人民政府"
        return _page(known.place, title, main, trail, date(2025, 1, 1))

    def _list(self, known: Catalogue, page: int) -> _Static:
        main = columns.list_page(known.place, page, known.count, self._per_list, known.at)
        trail = columns.crumbs(known.place, listed=True)
        title = f"{columns.COLUMN}_{known.place.county}人民政府"
        metas = "" if known.place.family == "plain" else _COLUMN_METAS
        return _page(known.place, title, main, trail, known.at(0).published_on, metas)


_COLUMN_METAS = (
    f'<meta name="ColumnName" content="{columns.COLUMN}"/>\n'
    '<meta name="ColumnType" content="信息公开年报"/>\n'
)


def demo_site(seed: int, per_list: int, changed_keys: frozenset[str]) -> Site:
    """The demo portals; the reports of `changed_keys` have one table cell changed."""
    catalogues = {}
    for place in places().values():
        known = [report(place, number, row, seed) for number, row in enumerate(rows(place.key))]
        known = [changed(one) if one.key in changed_keys else one for one in known]
        if place.key == "plain":
            known.append(farm_report())
        catalogues[place.key] = Catalogue(place=place, count=len(known), at=known.__getitem__)
    return Site(catalogues, per_list)


def generate_site(
    n_reports: int, family: str, *, seed: int = 1, per_list: int = 20, mixed: bool = False
) -> Site:
    """One portal of `family` with so many distinct reports of the 2021 form, made on demand; they
    have no words of their own, which would cost a bench time. mixed: every fourth office writes
    prose without tables.
    """
    place = places()[family]

    @lru_cache(maxsize=_CACHE)
    def at(number: int) -> DemoReport:
        who = f"第{number // 4 + 1}办事处"
        form = "summary" if mixed and number // 4 % 4 == 3 else "f21"
        row = {
            "who": who,
            "year": 2024 - number % 4,
            "form": form,
            "style": "table",
            "own_words": 0,
        }
        return report(place, number, row, seed)

    return Site({family: Catalogue(place=place, count=n_reports, at=at)}, per_list)


def _report(known: Catalogue, number: int) -> _Static:
    this = known.at(number)
    near = [n for n in (number - 1, number + 1) if 0 <= n < known.count]
    main = articles.article(known.place, this, tuple(known.at(n) for n in near))
    metas = "" if known.place.family == "plain" else articles.metas(this, columns.COLUMN)
    trail = columns.crumbs(known.place, listed=True)
    title = f"{this.title}_{known.place.county}人民政府"
    return _page(known.place, title, main, trail, this.published_on, metas)


def _page(place: Place, title: str, main: str, trail: str, day: date, metas: str = "") -> _Static:
    """A page in the portal's skin, in the portal's character set."""
    values = {
        "head_title": title,
        "main": main,
        "crumbs": trail,
        "metas": metas,
        "portal": place.key,
        "county": place.county,
        "division": place.division,
        "site_code": place.site_code,
        "plate": place.plate,
    }
    charset = _CHARSETS.get(place.family, "utf-8")
    return _static(_filled(f"{place.family}.html", values), charset, day)


def _farm() -> _Static:
    known = farm_report()
    main = "\n".join(articles.paragraphs(places()["plain"], known))
    html = _filled("farm.html", {"title": known.title, "main": main})
    return _static(html, "utf-8", known.published_on)


def _filled(name: str, values: Mapping[str, str]) -> str:
    """A skin with its places filled; what moves with each visit stays open."""
    return _HOLE.sub(lambda hole: values.get(hole.group(1), hole.group()), _skin(name))


@cache
def _skin(name: str) -> str:
    return data_text(name)


def _static(html: str, charset: str, day: date) -> _Static:
    body = html.encode(charset, "xmlcharrefreplace")
    etag = hashlib.sha256(body).hexdigest()[:16]
    # A page that says other things than the data file's was edited later than it was published.
    edited = datetime.combine(day, time(1), UTC) + timedelta(seconds=int(etag[:4], 16))
    media_type = "text/html" if charset == "gb2312" else f"text/html; charset={charset}"
    return _Static(body=body, media_type=media_type, etag=f'W/"{etag}"', modified_at=edited)


def _attachment(known: Catalogue, path: str) -> _Static | None:
    for number in range(min(known.count, len(rows(known.place.key)))):
        this = known.at(number)
        if articles.attachment_url(known.place, this) == path and this.attachment:
            media_type, body = attachment_bytes(this.attachment, this.title)
            etag = hashlib.sha256(body).hexdigest()[:16]
            day = datetime.combine(this.published_on, time(1), UTC)
            return _Static(body=body, media_type=media_type, etag=f'"{etag}"', modified_at=day)
    return None


def _validators(page: _Static, family: str) -> tuple[tuple[str, str], ...]:
    """TRS pages carry both validators, Hanweb's only a date, the old portal's none."""
    if family not in ("trs", "hanweb"):
        return ()
    modified = ("Last-Modified", format_datetime(page.modified_at, usegmt=True))
    return (("ETag", page.etag), modified) if family == "trs" else (modified,)


def _is_unchanged(page: _Static, request: Request) -> bool:
    if request.if_none_match is not None:
        return request.if_none_match == page.etag
    if request.if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(request.if_modified_since)
    except ValueError:
        return False
    return since == page.modified_at


def _missing() -> Answer:
    body = "<html><head><title>404</title></head><body>您访问的页面不存在</body></html>"
    return Answer(status=404, media_type="text/html; charset=utf-8", body=body.encode())
