"""The steps before the text of a page is read: encoding, tree, family, header boxes,
title, where the text stands, attached files.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from archive.families.listing.anchors import base_of
from archive.families.records import Family, Recognition
from archive.families.registry import family, recognise
from archive.model.reading import Source
from archive.reading.html.attachments import Attachment, find_attachments
from archive.reading.html.blocks import Block
from archive.reading.html.charset import Decoded, decode
from archive.reading.html.metas import read_metas
from archive.reading.html.parse import SCRIPTS, Page, parse
from archive.reading.html.survey import Survey, lies_in, survey
from archive.reading.metadata.header import Box, find_boxes
from archive.reading.text.container import Body, locate
from archive.reading.text.embedded import Embedded, from_config, from_writes, may_speak, written_by
from archive.reading.text.title import Title, find_title

_SIMPLE = re.compile(r"\A(\w*)([.#][\w-]+)")
_NAME = re.compile(r"[.#]([\w-]+)")
_LONG = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAnalysis:
    """What the steps before the text find on a page. recognised: by what its mark-up was taken for
    a family's; None where that was not asked, or the tree has grown since.
    """

    source: Source
    decoded: Decoded
    page: Page
    family: Family | None
    metas: Mapping[str, str]
    survey: Survey
    boxes: tuple[Box, ...]
    body: Body | None
    title: Title | None
    embedded: Embedded | None
    attachments: tuple[Attachment, ...]
    base: str
    recognised: Recognition | None = None


def analyse(source: Source) -> PageAnalysis:
    """The analysis of a page: every step that comes before its text, in order."""
    decoded = decode(source.body, source.charset)
    page = parse(decoded.text, plain=source.media_type == "text/plain")
    recognised = (
        None if source.family or page.plain else recognise(page.tree, page.text, source.url)
    )
    known = _family(source, page, recognised)
    embedded = _embedded(page)
    if embedded:  # its own attributes were not looked at
        page = replace(page, scripts=SCRIPTS)
    metas = read_metas(page.tree)
    surveyed = survey(page.tree)
    selected = _selected(page, surveyed, known.body if known else ())
    if embedded:
        selected.insert(0, ("script", embedded.element))
    boxes = find_boxes(
        surveyed, [e for _, e in _selected(page, surveyed, known.metadata_box if known else ())]
    )
    body = locate(_without(surveyed, boxes), page.tree, selected)
    title = find_title(
        page.tree,
        surveyed,
        meta=metas.get("articletitle"),
        boxed=_boxed_title(boxes, embedded),
        site=metas.get("sitename"),
        selected=[e for _, e in _selected(page, surveyed, known.title if known else ())],
    )
    base = base_of(page.tree, source.url)
    return PageAnalysis(
        source=source,
        decoded=decoded,
        page=page,
        family=known,
        metas=metas,
        survey=surveyed,
        boxes=boxes,
        body=body,
        title=title,
        embedded=embedded,
        attachments=find_attachments(page, base, surveyed.furniture, decoded.link_encoding),
        base=base,
        recognised=None if embedded else recognised,
    )


def core_of(analysis: PageAnalysis) -> tuple[Block, ...]:
    """The visible lines beside links, navigation, head and foot."""
    return tuple(
        line
        for line in analysis.survey.lines
        if not line.linked and not lies_in(line.element, analysis.survey.furniture)
    )


def _without(surveyed: Survey, boxes: Sequence[Box]) -> Survey:
    """The survey with the header boxes' words counted as none of the text."""
    prose = dict(surveyed.prose)
    for element in (box.element for box in boxes if box.element is not None):
        weight = prose.get(element, 0)
        for outer in element.iterancestors() if weight else ():
            prose[outer] -= weight
        for inner in element.iter() if weight else ():
            prose.pop(inner, None)
    return replace(surveyed, prose=prose)


def _family(source: Source, page: Page, recognised: Recognition | None) -> Family | None:
    # A text without mark-up shows its family by its URL alone.
    key = source.family or (recognised or recognise(page.tree, "", source.url)).key
    try:
        return family(key) if key else None
    except KeyError:
        return None


def _embedded(page: Page) -> Embedded | None:
    """Text inside scripts joins the tree at its end, where selectors and survey find it."""
    found = from_config(page.text)
    if found is None and "document.write" in page.text:
        written = written_by(page.tree)
        found = from_writes(written) if may_speak(written) and _is_short(page.tree) else None
    body = page.tree.find("body")
    if found is not None and body is not None:
        body.append(found.element)
    return found


def _is_short(tree: HtmlElement) -> bool:
    body = tree.find("body")
    length = 0
    for text in (tree if body is None else body).itertext("p", "div", "span", "td", "li", "body"):
        length += len(text.strip())
        if length >= _LONG:
            return False
    return True


def _boxed_title(boxes: Sequence[Box], embedded: Embedded | None) -> str | None:
    pairs = [pair for box in boxes for pair in box.pairs] + list(embedded.pairs if embedded else ())
    titles = (p.value for p in pairs if p.known and p.known.field == "title" and p.value)
    return next(titles, None)


def _selected(
    page: Page, surveyed: Survey, selectors: Sequence[str]
) -> list[tuple[str, HtmlElement]]:
    """The elements that a family's selectors name, in the order of the selectors."""
    found: list[tuple[str, HtmlElement]] = []
    for css in selectors:
        simple = _SIMPLE.fullmatch(css)
        if css.isalnum():  # a tag alone
            found += [(css, element) for element in page.tree.iter(css.lower())]
            continue
        if simple is None:
            if all(name in page.text for name in _NAME.findall(css)):
                found += [(css, element) for element in _compiled(css)(page.tree)]
            continue
        tag, name = simple.groups()
        hits = surveyed.index.get(name, ())
        found += [(css, element) for element in hits if not tag or element.tag == tag]
    return found


@cache
def _compiled(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")
