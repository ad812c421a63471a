"""Links from any page of a portal towards its annual-report sections, each with its reasons."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from archive.families.listing.anchors import Anchor, Page, folder, is_chrome
from archive.families.listing.clusters import is_single
from archive.families.listing.headed import headed
from archive.families.listing.roles import folder_form, role_of, same_page
from archive.families.listing.sublists import (
    SURE,
    frames,
    in_report_section,
    is_called_section,
    worth_of,
)
from archive.families.listing.targets import refresh_of, targets_of
from archive.families.records import ListPage
from archive.families.words import folded, names_body, words
from archive.model.outcome import Role
from archive.model.reading import Link
from archive.model.url import same_site

_MAX_DISCLOSURE = 8
_MAX_BODIES = 200
_MAX_SHELL = 3_000
_FEW_LINKS = 3
_FRONT = frozenset({"首页", "网站首页", "门户首页", "本站首页"})
_YEAR = re.compile(r"(?:19|20)\d{2}")
_CRUMBS = re.compile(r"crumb|position|location|dqwz|mbx|weizhi|curmb", re.IGNORECASE)
_HERE = re.compile(r"(?:当前|所在|现在的?)位置")
_STEP = re.compile(r"(?:(?<!\s)\s+)?(?:>>?|›|»|/|→|-|＞|—|&gt;|\|)\s*")
_PARTS = re.compile(r"[-_|—–]")
_MAX_TRAIL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class NavigationLink:
    """A link that leads to annual reports (role LIST) or nearer to them (role NAVIGATION).

    why: the marks met, as "text:政府信息公开年报" or "slug:zfxxgknb".
    """

    link: Link
    why: tuple[str, ...]


def navigation_links(page: Page, *, bodies: bool) -> tuple[NavigationLink, ...]:
    """The navigation links of a page, best first; empty when it leads nowhere.

    A page that surely names the section leads there and to the sections of departments and
    townships; only another one leads to where public information is kept, to its frames or its
    site map.
    bodies: whether links called as departments and townships count (not on a home page, where
    they lead to those bodies' own news).
    """
    sections = _sections(page, _elsewhere(page))
    below = [*_matching(page, "departments", _is_departments)]
    below += _bodies(page) if bodies else ()
    if any(each.link.role is Role.LIST for each in sections):
        return _unique([*sections, *below])
    nearer = [
        *sections,
        *below,
        *list(_matching(page, "disclosure", _is_disclosure))[:_MAX_DISCLOSURE],
    ]
    nearer += _moved(page)
    nearer += [_nearer(frame.url, frame.text, "frame") for frame in frames(page)]
    return _unique(nearer or _matching(page, "site map", _is_site_map))


def inner_sections(page: Page) -> tuple[NavigationLink, ...]:
    """The lists that a page of the section itself names beside its navigation: a front of columns
    (县政府, 部门, 乡镇) is no list, and one whose list a script brings names none.
    """
    inside = [anchor for anchor in _elsewhere(page) if not is_chrome(anchor, page)]
    return _unique(each for each in _sections(page, inside) if each.link.role is Role.LIST)


def in_section(page: Page) -> bool:
    """Whether a page says that it is of the annual-report column: meta tags, title, URL,
    breadcrumb.
    """
    return in_report_section(page) or stands_in_section(page)


def framed_sections(page: Page) -> tuple[NavigationLink, ...]:
    """The frames of a page of the section: the list stands in one of them."""
    return _unique(NavigationLink(link=frame, why=("frame",)) for frame in frames(page))


def lists_reports(page: Page, listing: ListPage) -> bool:
    """Whether a list is one of annual reports: by its page's column, title, URL or
    breadcrumb, or because half of its entries say so (on a site's front they are news).
    """
    return in_section(page) or (_names_reports(listing) and not is_front_page(page))


def lists_reports_itself(page: Page, listing: ListPage) -> bool:
    """The same by what the page says and names: a portal that answers with something else at an
    URL of the column changes neither its URL nor where its own entries lie.
    """
    if is_called_section(page) or _stands_in(page, words().column, below=True):
        return True
    own = folder(page.url)
    near = sum(folder(item.url).startswith(own) for item in listing.items)
    bodies = sum(names_body(item.text) for item in listing.items)
    its_own = 0 < len(listing.items) <= 2 * max(near, bodies)
    return _names_reports(listing) or (its_own and in_report_section(page))


def _names_reports(listing: ListPage) -> bool:
    named = sum(names_report(item.text) for item in listing.items)
    return named > 0 and 2 * named >= len(listing.items)


def names_report(text: str) -> bool:
    """Whether a link's text speaks of annual reports on open government information."""
    return bool(words().report.search(text)) and not words().other_reports.search(text)


def stands_in_section(page: Page) -> bool:
    """Whether the breadcrumb (当前位置) ends in the annual-report column."""
    return _stands_in(page, words().column)


def _stands_in(page: Page, column: re.Pattern[str], *, below: bool = False) -> bool:
    """Whether the breadcrumb ends in a column; `below`: or leads through it."""
    for element in page.tree.iter("div", "p", "td", "span", "ul", "ol", "nav"):
        name = f"{element.get('class') or ''} {element.get('id') or ''}"
        if not _CRUMBS.search(name[:200]) and not _HERE.search(element.text or ""):
            continue
        steps = [step for step in _STEP.split(_trail(element)) if step]
        last = steps[1:] if below else steps[1:][-1:]
        if any(column.fullmatch(step.replace(" ", "")[:40]) for step in last):
            return True
    return False


def is_front_page(page: Page) -> bool:
    """Whether a page is a site's home page or the front of its public-information section: a list
    on it is of news, whatever it looks like.

    Told by the URL, by 首页 leading to the page itself, or by the section's usual slug.
    """
    parts = urlsplit(folder_form(page.url))
    if parts.path == "/" and not parts.query:
        return True
    if not parts.path.endswith("/"):
        return False
    fronts = [a for a in page.anchors if a.text.replace(" ", "") in _FRONT]
    if fronts and all(same_page(a.url, page.url) for a in fronts):
        return True
    return words().disclosure_slug.fullmatch(f"/{parts.path.split('/')[-2]}/") is not None


def _trail(element: etree._Element) -> str:
    """The text of a breadcrumb; "" for what is too long to be one."""
    pieces: list[str] = []
    length = 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > _MAX_TRAIL or len(pieces) > _MAX_TRAIL:
            return ""
    return folded("".join(pieces))


def _sections(page: Page, anchors: Iterable[Anchor]) -> list[NavigationLink]:
    """Links that name the column; those that only speak of reports have to be looked at first."""
    found: list[tuple[float, NavigationLink]] = []
    for anchor in anchors:
        worth, why = worth_of(page, anchor)
        if not worth or (worth < SURE and _YEAR.search(anchor.text)):
            continue
        listed = role_of(anchor.url, page.family) is Role.LIST
        named = "公开" in anchor.text or any(each.startswith("slug:") for each in why)
        if worth >= SURE and named:
            found.append((worth, _as(Role.LIST, anchor, *why)))
        elif listed or worth >= SURE:
            found.append((worth, _as(Role.NAVIGATION, anchor, *why)))
    found += [(SURE, each) for each in _headed(page)]
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]


def _headed(page: Page) -> Iterator[NavigationLink]:
    """The years under a heading that names the column and leads nowhere itself. What looks like a
    single page is visited as one: it may be a year's list or its report.
    """
    for each in headed(page):
        anchor = each.anchor
        role = Role.PAGE if is_single(page, anchor.url) else Role.LIST
        if role_of(anchor.url, page.family) is Role.ATTACHMENT:
            role = Role.ATTACHMENT
        if same_site(anchor.url, page.url) and not same_page(anchor.url, page.url):
            yield _as(role, anchor, f"under:{each.heading}")


def _elsewhere(page: Page) -> Iterator[Anchor]:
    """The page's links within its own site, without those to other organisations' sections."""
    return (
        anchor
        for anchor in page.anchors
        if anchor.text and not same_page(anchor.url, page.url) and same_site(anchor.url, page.url)
    )


def _matching(page: Page, kind: str, fits: Callable[[Anchor], bool]) -> Iterator[NavigationLink]:
    for anchor in _elsewhere(page):
        if role_of(anchor.url, page.family) is not Role.ATTACHMENT and fits(anchor):
            yield _as(Role.NAVIGATION, anchor, f"{kind}:{anchor.text}")


def _is_departments(anchor: Anchor) -> bool:
    return words().departments.fullmatch(anchor.text.replace(" ", "")[:40]) is not None


def _is_disclosure(anchor: Anchor) -> bool:
    return words().disclosure.fullmatch(anchor.text.replace(" ", "")[:40]) is not None


def _is_site_map(anchor: Anchor) -> bool:
    return words().site_map.fullmatch(anchor.text.replace(" ", "")[:20]) is not None


def _bodies(page: Page) -> list[NavigationLink]:
    """Departments and townships by name, on the page that lists them or where their URLs stay
    with public information.
    """
    own, listed = folder(page.url), _lists_bodies(page)
    found = [
        _as(Role.NAVIGATION, anchor, f"body:{anchor.text}")
        for anchor in _elsewhere(page)
        if names_body(anchor.text)
        and role_of(anchor.url, page.family) is Role.LIST
        and not is_chrome(anchor, page)
        and (listed or _keeps_disclosure(own, anchor.url))
    ]
    return found[:_MAX_BODIES]


def _lists_bodies(page: Page) -> bool:
    """Whether title or breadcrumb say that a page lists departments' or townships' sections."""
    titles = [title.text or "" for title in page.tree.iter("title")]
    parts = [part for title in titles for part in _PARTS.split(title[:_MAX_TRAIL])]
    named = any(words().departments.fullmatch(folded(part)[:40]) for part in parts)
    return named or _stands_in(page, words().departments)


def _keeps_disclosure(own_folder: str, url: str) -> bool:
    path = urlsplit(url).path
    below = own_folder != "/" and path.startswith(own_folder) and path != own_folder
    return below or words().disclosure_slug.search(path) is not None


def _moved(page: Page) -> Iterator[NavigationLink]:
    """Where a shell may send its reader: meta refresh, or a script on a page with hardly a link.
    What surely sends the reader on is read as a redirect before links are looked for.
    """
    for meta in page.tree.iter("meta"):
        refresh = refresh_of(meta.get("content") or "")
        if (meta.get("http-equiv") or "").lower() == "refresh" and refresh:
            yield from _sent(page, refresh[1], "refresh")
    if len(page.text) <= _MAX_SHELL and len(page.anchors) <= _FEW_LINKS:
        for href in targets_of(page.text):
            yield from _sent(page, href, "script")


def _sent(page: Page, href: str, why: str) -> Iterator[NavigationLink]:
    target = page.resolve(href.strip())
    if target and not same_page(target, page.url):
        yield _nearer(target, "", why)


def _as(role: Role, anchor: Anchor, *why: str) -> NavigationLink:
    link = Link(url=anchor.url, text=folded(anchor.text), role=role)
    return NavigationLink(link=link, why=why)


def _nearer(url: str, text: str, why: str) -> NavigationLink:
    return NavigationLink(link=Link(url=url, text=text, role=Role.NAVIGATION), why=(why,))


def _unique(found: Iterable[NavigationLink]) -> tuple[NavigationLink, ...]:
    """Each URL once, as it was first named; a folder and its default file are one."""
    kept: dict[str, NavigationLink] = {}
    for each in found:
        kept.setdefault(folder_form(each.link.url), each)
    return tuple(kept.values())
