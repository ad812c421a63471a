"""How a crawl gets from a URL to its annual-report sections: read again from the captures, page by
page, with the reasons for every step.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from archive.families.lists import read_list
from archive.families.records import ListPage
from archive.families.registry import recognise
from archive.model.errors import DamageError
from archive.model.outcome import Role
from archive.model.reading import Forward, Link
from archive.model.url import resolve
from archive.reading.analysis import PageAnalysis, analyse
from archive.reading.metadata.identity import division_of_site, read_identity
from archive.reading.page_kind import HubPage, classify
from archive.store import Store
from archive.store.query.history import outcomes
from archive.store.rows import CaptureRow
from archive.warc.folder import WarcFolder
from archive.warc.message import Limits, parse_response
from archive.warc.reader import read_block
from archive.work.captured_page import latest_capture, source_of

MAX_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A page that was looked at. what: home page, hub page, list, document, redirect, not read.

    why: the marks by which the page before it led here; for a page not read the reason is there.
    """

    url: str
    what: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A list that would be read: its entries as printed, and how many further pages it names.

    family: None when no family's marks suffice; evidence holds the marks that were met.
    """

    url: str
    why: tuple[str, ...]
    family: str | None
    evidence: tuple[str, ...]
    items: tuple[Link, ...]
    further_pages: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What was found from a URL on. name and division are what the site says of itself; None
    when it does not.
    """

    url: str
    steps: tuple[Step, ...]
    sections: tuple[Section, ...]
    name: str | None
    division: str | None

    @property
    def family(self) -> str | None:
        """The family of the first section that shows one."""
        return next((each.family for each in self.sections if each.family), None)


def discover(store: Store, warc: WarcFolder, url: str) -> Discovery:
    """Walks from `url` through what was captured, as a crawl of it would."""
    walk = _Walk(store=store, warc=warc)
    walk.waiting.append(_Stop(url=url, role=Role.ENTRY, why=()))
    while walk.waiting and len(walk.steps) < MAX_LOOKED_AT:
        walk.look_at(walk.waiting.pop(0))
    return Discovery(
        url=url,
        steps=tuple(walk.steps),
        sections=tuple(walk.sections),
        name=walk.name,
        division=walk.division,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    url: str
    role: Role
    why: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Walk:
    store: Store
    warc: WarcFolder
    waiting: list[_Stop] = field(default_factory=list)
    met: set[str] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    name: str | None = None
    division: str | None = None

    def look_at(self, stop: _Stop) -> None:
        if stop.url in self.met:
            return
        self.met.add(stop.url)
        capture = latest_capture(self.store, stop.url)
        if capture is None:
            self._step(stop, "not read", self._reason(stop.url))
            return
        try:
            self._take(stop, capture)
        except DamageError as error:
            self._step(stop, "not read", str(error))

    def _take(self, stop: _Stop, capture: CaptureRow) -> None:
        answer = parse_response(read_block(self.warc, capture.spot), limits=Limits())
        if 300 <= answer.status < 400:
            self._step(stop, "redirect")
            target = resolve(stop.url, answer.location or "")
            if target:
                self.waiting.insert(0, _Stop(url=target, role=stop.role, why=stop.why))
            return
        analysis = analyse(source_of(answer, stop.url, stop.role))
        kind = classify(analysis)
        if isinstance(kind, Forward):
            self._step(stop, "redirect")
            self.waiting.insert(0, _Stop(url=kind.url, role=stop.role, why=stop.why))
            return
        self._learn(analysis)
        if isinstance(kind, HubPage):
            self._step(stop, "home page" if stop.role is Role.ENTRY else "hub page")
            self.waiting += [
                _Stop(url=each.link.url, role=each.link.role, why=each.why) for each in kind.links
            ]
        elif isinstance(kind, ListPage):
            self._step(stop, "list")
            self.sections.append(_section(stop, analysis, kind))
        elif stop.role is Role.LIST:  # the section itself, even where its list cannot be read
            self._step(stop, "list")
            self.sections.append(_section(stop, analysis, None))
        else:
            self._step(stop, "document")

    def _learn(self, analysis: PageAnalysis) -> None:
        marks = read_identity(analysis.survey.lines, analysis.page.text, analysis.metas)
        named = (mark.value for mark in marks if mark.name == "site_name")
        self.name = self.name or next(named, None)
        self.division = self.division or division_of_site(marks)

    def _step(self, stop: _Stop, what: str, *why: str) -> None:
        self.steps.append(Step(url=stop.url, what=what, why=why or stop.why))

    def _reason(self, url: str) -> str:
        with self.store.read() as connection:
            ended = outcomes(connection, url)
        return f"{ended[-1].outcome}: {ended[-1].reason}" if ended else "not visited yet"


def _section(stop: _Stop, analysis: PageAnalysis, listing: ListPage | None) -> Section:
    tree, text = analysis.page.tree, analysis.page.text
    met = recognise(tree, text, stop.url)
    encoding = analysis.decoded.link_encoding
    found = listing or read_list(tree, text, stop.url, met.key, encoding=encoding)
    return Section(
        url=stop.url,
        why=stop.why,
        family=met.key,
        evidence=met.evidence,
        items=found.items,
        further_pages=len(found.pages),
    )


def lines_of(found: Discovery, *, most_items: int) -> Iterator[str]:
    """The discovery as a person reads it."""
    for step in found.steps:
        why = f"  ({', '.join(step.why)})" if step.why else ""
        yield f"{step.what:<10}{step.url}{why}"
    for section in found.sections:
        family = section.family or "no known family"
        marks = f" by {', '.join(section.evidence)}" if section.family else ""
        yield f"\nwould read {section.url}"
        yield f"  {family}{marks}"
        yield f"  {len(section.items)} entries, {section.further_pages} further pages"
        for item in section.items[:most_items]:
            yield f"  {item.printed_date or '':<12}{item.text}"
