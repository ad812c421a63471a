"""The portals of the county: the demo's families, every saved list of tests/families, and storms."""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from crawler.demo.columns import LISTS
from crawler.demo.site import Request, Site, generate_site
from tests.storm.county import CUT, HANG, RESET, Answer, Weather

CASES = Path(__file__).parents[1] / "families" / "cases"
YEARS = range(2012, 2024)
_PAGE = """<html><head><meta charset="utf-8"><title>{title}</title></head><body>
<div class="{skin}"><h1>{title}</h1><div id="zoom">{text}</div></div>
<div class="footer">{footer}</div></body></html>"""
_TEXT = (
    "<p>根据《中华人民共和国政府信息公开条例》的规定，现公布{title}。</p>"
    "<p>全年主动公开政府信息{number}条，收到政府信息公开申请{number}件，均按期答复。</p>"
)


def report(
    title: str, number: int, *, skin: str = "con", footer: str = "主办：某县人民政府"
) -> bytes:
    """A report page of an old hand-made site."""
    text = _TEXT.format(title=title, number=number)
    return _PAGE.format(title=title, skin=skin, text=text, footer=footer).encode()


def title(year: int, place: str = "某县") -> str:
    return f"{place}{year}年政府信息公开工作年度报告"


def listing(paths: Mapping[str, str], following: str = "") -> bytes:
    """A list page: title by path, and the URL behind 下一页."""
    items = "".join(
        f'<li><a href="{path}">{name}</a><span>2024-01-{number + 1:02}</span></li>'
        for number, (path, name) in enumerate(paths.items())
    )
    link = f'<a href="{following}">下一页</a>' if following else ""
    text = f'<ul class="list">{items}</ul><div class="page">{link}</div>'
    return _PAGE.format(title="政府信息公开年报", skin="list", text=text, footer="").encode()


def county_site(years: range = YEARS, *, place: str = "某县") -> dict[str, bytes]:
    """The fair-weather site of a small portal: two list pages, a report a year."""
    names = {f"/nb/{year}.html": title(year, place) for year in years}
    half = len(names) // 2
    first, second = dict(list(names.items())[:half]), dict(list(names.items())[half:])
    return {
        "/nb/index.html": listing(first, "/nb/index_1.html"),
        "/nb/index_1.html": listing(second, "/nb/index.html"),  # 下一页 leads back: a loop
        **{path: report(name, number) for number, (path, name) in enumerate(names.items())},
    }


def fair(site: Mapping[str, bytes]) -> Weather:
    """Answers as it should."""
    return lambda path, _: Answer(body=site[path]) if path in site else None


def stormy(site: Mapping[str, bytes], storm: Callable[[str, int], Answer | None]) -> Weather:
    """Answers as it should wherever the storm says nothing."""
    calm = fair(site)
    return lambda path, times: storm(path, times) or calm(path, times)


def once(path: str, answer: Answer) -> Callable[[str, int], Answer | None]:
    """The first visit of one page gets that answer."""
    return lambda target, times: answer if (target, times) == (path, 0) else None


def always(path: str, answer: Answer) -> Callable[[str, int], Answer | None]:
    """Every visit of one page gets that answer."""
    return lambda target, _: answer if target == path else None


SICK = "/nb/2015.html"
_LOOP = {SICK: "/nb/round.html", "/nb/round.html": SICK}
# What goes wrong, and with which outcome the sick page ends all the same.
STORMS: dict[str, tuple[Callable[[str, int], Answer | None], str]] = {
    "hangs": (once(SICK, Answer(ends=HANG)), "new"),
    "resets": (once(SICK, Answer(ends=RESET)), "new"),
    "cuts": (once(SICK, Answer(body=report(title(2015), 3)[:300], ends=CUT)), "new"),
    "busy": (once(SICK, Answer(status=429, headers={"Retry-After": "2"})), "new"),
    "down": (once(SICK, Answer(status=503)), "new"),
    "broken": (always(SICK, Answer(status=500)), "failed"),
    "guarded": (always(SICK, Answer(status=403)), "blocked"),
    "lost": (always(SICK, Answer(status=404)), "gone"),
    "moved": (
        always(SICK, Answer(status=301, headers={"Location": "/nb/moved/2015.html"})),
        "redirected",
    ),
    "looped": (
        lambda path, _: (
            Answer(status=302, headers={"Location": _LOOP[path]}) if path in _LOOP else None
        ),
        "redirected",
    ),
    "lies": (
        always(SICK, Answer(body=report(title(2015), 3), media_type="text/html; charset=gb2312")),
        "new",
    ),
}


def storm_portal(name: str) -> Weather:
    """The small portal in that storm."""
    site = county_site()
    if name == "moved":
        site["/nb/moved/2015.html"] = site[SICK]
    return stormy(site, STORMS[name][0])


def demo_portal(family: str, reports: int = 12) -> tuple[Weather, str, set[str]]:
    """A portal as the demo makes it: weather, path of its list, paths of its reports."""
    site = generate_site(reports, family, per_list=5)
    known = site.portals[family]
    return _of_site(site), LISTS[family], {known.at(n).url for n in range(reports)}


def _of_site(site: Site) -> Weather:
    def answer(path: str, times: int) -> Answer:
        found = site.answer(Request(target=path, visit=times))
        headers = dict(found.headers)
        return Answer(
            body=found.body, status=found.status, headers=headers, media_type=found.media_type
        )

    return answer


def case_portal(name: str) -> tuple[Weather, str, set[str]] | None:
    """A saved list as a portal of its own, with a report behind each of its items; None for a case
    whose items are no pages of its own site.
    """
    expected = tomllib.loads((CASES / name / "expected.toml").read_text("utf-8"))
    here = urlsplit(expected["url"])
    items = {
        _path(url): text
        for role, url, _, text in expected.get("items", ())
        if role == "page" and urlsplit(url).netloc == here.netloc
    }
    page = (CASES / name / "page.html").read_text("utf-8")
    if not items or not page.startswith(
        ("<!", "<html")
    ):  # an answer to a list's script is nobody's entry
        return None
    for scheme in ("http", "https"):
        page = page.replace(f"{scheme}://{here.netloc}", "")
    site = {path: report(text, number) for number, (path, text) in enumerate(items.items())}
    site[_path(expected["url"])] = page.encode()
    return fair(site), _path(expected["url"]), set(items)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
