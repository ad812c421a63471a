"""The main list of a page: the largest coherent cluster of sibling links, told from navigation.

Links with the same chain of tags belong together as long as the chain of ancestors they share
stays deep; a list cut into several <ul>, <table> or <dl> side by side stays one list.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import is_
from urllib.parse import urlsplit

from lxml import etree

from archive.families.listing.anchors import (
    Anchor,
    Page,
    date_in,
    folder,
    is_chrome,
    same_host,
    structural_text,
)
from archive.families.words import folded, is_extra, names_body, words

_ROW_TAGS = frozenset({"li", "tr", "dl", "p", "dd", "div", "td"})
_BLOCKS = frozenset({"ul", "ol", "table", "div"})
_ANY_DATE = re.compile(r"(?<!\d)\d{1,4}[-/.年月]\d{1,2}(?!\d)")
_LEAST = 5.0
_MAX_ROW_TEXT = 400
_GAP_NODES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An entry of a list: its element, its link and the date printed beside it."""

    element: etree._Element
    anchor: Anchor
    date: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Rows that stand together, how much they look like the main list, and how much of them
    names reports.
    """

    rows: tuple[Row, ...]
    score: float
    reports: float
    chrome: bool


def clusters(page: Page, candidates: Sequence[Anchor]) -> tuple[Cluster, ...]:
    """Every cluster of the candidate links, best first."""
    named = _without_extras(candidates)
    found = [_cluster(page, group) for group in _groups(named)]
    return tuple(sorted(found, key=lambda cluster: -cluster.score))


def main_rows(page: Page, candidates: Sequence[Anchor]) -> tuple[Row, ...]:
    """The rows of the main list in document order; empty when no cluster looks like a list.

    A second cluster counts too when nearly all its texts name reports: sections print the
    government's, the departments' and the townships' reports in blocks of their own.
    """
    found = clusters(page, candidates)
    if not found or found[0].score < _LEAST:
        return ()
    kept = [found[0]]
    kept += [
        other
        for other in found[1:]
        if not other.chrome and other.reports >= 0.6 and other.score >= 0.5 * found[0].score
    ]
    order = {anchor.element: place for place, anchor in enumerate(page.anchors)}
    rows = (row for cluster in kept for row in cluster.rows)
    return tuple(sorted(rows, key=lambda row: order[row.anchor.element]))


def _without_extras(candidates: Sequence[Anchor]) -> list[Anchor]:
    """The links but for extras ([分类], 附件, 下载) beside a title in the same row."""
    titled = {
        row
        for anchor in candidates
        if not is_extra(anchor.text) and (row := _table_row(anchor)) is not None
    }
    return [
        anchor
        for anchor in candidates
        if not is_extra(anchor.text) or _table_row(anchor) not in titled
    ]


def _table_row(anchor: Anchor) -> etree._Element | None:
    rows = (element for element in reversed(anchor.line) if element.tag in ("tr", "li", "dl"))
    return next(rows, None)


def _groups(candidates: Sequence[Anchor]) -> Iterator[list[Anchor]]:
    """Candidates of one tag path that stay near each other."""
    by_path: dict[tuple[str, ...], list[Anchor]] = {}
    for anchor in candidates:
        by_path.setdefault(anchor.path, []).append(anchor)
    for group in by_path.values():
        yield from _split(group)


def _split(group: list[Anchor]) -> Iterator[list[Anchor]]:
    """The group cut where its links stand furthest apart, until every part is one list."""
    waiting = [(group, [_shared(one, other) for one, other in pairwise(group)])]
    while waiting:
        part, shared = waiting.pop()
        if not shared or _is_one_list(part, shared):
            yield part
            continue
        furthest = min(shared)
        cuts = [place + 1 for place, depth in enumerate(shared) if depth == furthest]
        for start, end in pairwise([0, *cuts, len(part)]):
            waiting.append((part[start:end], shared[start : end - 1]))


def _is_one_list(part: list[Anchor], shared: list[int]) -> bool:
    """Whether all links hang on one element, or on neighbours of one make (a list in blocks)."""
    deepest = max(shared)
    if min(shared) < deepest - 1:
        return False
    return all(
        depth == deepest or _alike(one.line[depth], other.line[depth])
        for depth, (one, other) in zip(shared, pairwise(part), strict=True)
    )


def _alike(one: etree._Element, other: etree._Element) -> bool:
    """Whether two neighbours are blocks of one list: same make, and both with dates or neither
    (a navigation table above a list is made as the list is).
    """
    if one.tag not in _BLOCKS:
        return one.tag == other.tag
    dated = [_ANY_DATE.search(structural_text(block)) is not None for block in (one, other)]
    return one.tag == other.tag and one.get("class") == other.get("class") and len({*dated}) == 1


def _shared(one: Anchor, other: Anchor) -> int:
    """How many ancestors two links share; all of them lie at the root, the same number below it."""
    return sum(map(is_, one.line, other.line))


def _cluster(page: Page, group: list[Anchor]) -> Cluster:
    rows = _dated(_one_a_row(group))
    reports = _share(_names_report(page, row) for row in rows)
    chrome = is_chrome(group[0], page)
    score = _score(page, rows, reports) - (5.0 if chrome else 0.0)
    return Cluster(rows=tuple(rows), score=score, reports=reports, chrome=chrome)


def _names_report(page: Page, row: Row) -> bool:
    """Whether an entry is called an annual report, or is the page of a year (2023年)."""
    title = row_title(row)
    if words().report.search(title):
        return True
    return bool(words().year.search(title)) and is_single(page, row.anchor.url)


def _score(page: Page, rows: list[Row], reports: float) -> float:
    anchors = [row.anchor for row in rows]
    length = sum(min(len(row_title(row)), 30) for row in rows) / len(rows)
    own = folder(page.url)
    near = _share(same_host(page.url, a.url) and folder(a.url).startswith(own) for a in anchors)
    abroad = _share(not same_host(page.url, anchor.url) for anchor in anchors)
    # Words so short are navigation, but for names of offices (教育局), each with its report behind.
    is_terse = length < 5 and _share(names_body(anchor.text) for anchor in anchors) < 0.5
    return (
        math.log2(1 + min(len(rows), 60))
        + length / 10
        + 3.0 * _share(row.date is not None for row in rows)
        + 2.0 * _share(is_single(page, anchor.url) for anchor in anchors)
        + 1.5 * near
        + 2.0 * reports
        - 3.0 * abroad
        - (2.0 if is_terse else 0.0)
    )


def is_single(page: Page, url: str) -> bool:
    """Whether a URL looks like that of a single page, by the family or by long numbers."""
    if page.family and any(pattern.search(url) for pattern in page.family.pages):
        return True
    name = urlsplit(url).path.rpartition("/")[2]
    return sum(letter.isdigit() for letter in name) >= 4


def _share(flags: Iterable[bool]) -> float:
    seen = list(flags)
    return sum(seen) / len(seen) if seen else 0.0


def _one_a_row(group: list[Anchor]) -> list[tuple[etree._Element, Anchor]]:
    """The links with their row elements; of several links in one row the longest text stays."""
    level = _level(group)
    pairs = [(_row_element(anchor, level), anchor) for anchor in group]
    chosen: list[tuple[etree._Element, Anchor]] = []
    for _, same in groupby(pairs, key=lambda pair: pair[0]):
        chosen.append(max(same, key=lambda pair: len(pair[1].text)))
    return chosen


def _level(group: list[Anchor]) -> int | None:
    """The depth at which rows begin; None for a lone link."""
    depths = Counter(_shared(one, other) for one, other in pairwise(group))
    if not depths:
        return None
    deepest = max(depths)
    above = depths.get(deepest - 1, 0)
    inner = group[0].line[min(deepest, len(group[0].line) - 1)]
    # Two links beside each other in a row: the row is one level up.
    beside = inner is group[0].element or inner.tag == "td"
    return deepest - 1 if beside and above >= 0.4 * depths[deepest] else deepest


def _row_element(anchor: Anchor, level: int | None) -> etree._Element:
    if level is not None:
        return anchor.line[min(level, len(anchor.line) - 1)]
    for element in reversed(anchor.line[:-1]):
        if element.tag in ("tr", "li", "dl"):
            # A long row is a layout table, not an entry.
            if len(structural_text(element)) <= len(anchor.text) + _MAX_ROW_TEXT:
                return element
            break
    parent = anchor.line[-2] if len(anchor.line) > 1 else anchor.element
    return parent if parent.tag in _ROW_TAGS else anchor.element


def row_title(row: Row) -> str:
    """What an entry is called: its link's text, or the row's when the link says only 下载."""
    if not is_extra(row.anchor.text):
        return row.anchor.text
    whole = structural_text(row.element).replace(row.anchor.text, " ", 1)
    return folded(whole.replace(row.date or "", " ", 1)) or row.anchor.text


def _dated(pairs: list[tuple[etree._Element, Anchor]]) -> list[Row]:
    """The rows with their dates: inside the link, beside it in the row, or in the gap between
    rows (before or after the link, as the list has it).
    """
    dates = [anchor.date or _beside(row, anchor) for row, anchor in pairs]
    if pairs and not any(dates):
        dates = _gap_dates([row for row, _ in pairs])
    return [
        Row(element=row, anchor=anchor, date=date)
        for (row, anchor), date in zip(pairs, dates, strict=True)
    ]


def _beside(row: etree._Element, anchor: Anchor) -> str | None:
    if row is anchor.element:
        return None
    whole = structural_text(row)
    own = folded("".join(anchor.element.itertext()))
    if len(whole) > len(own) + _MAX_ROW_TEXT:
        return None
    return date_in(folded(whole.replace(own, " ", 1))) if own else date_in(whole)


def _gap_dates(rows: list[etree._Element]) -> list[str | None]:
    after = [date_in(_following(row)) for row in rows]
    before = [date_in(_preceding(row)) for row in rows]
    leading = before[0] is not None and (after[-1] is None or before[-1] is not None)
    return before if leading and sum(map(bool, before)) >= sum(map(bool, after)) else after


def _following(row: etree._Element) -> str:
    pieces = [row.tail or ""]
    node = row.getnext()
    for _ in range(_GAP_NODES):
        if node is None or _holds_link(node):
            break
        pieces += [structural_text(node), node.tail or ""]
        node = node.getnext()
    return folded(" ".join(pieces))


def _preceding(row: etree._Element) -> str:
    pieces: list[str] = []
    node = row.getprevious()
    for _ in range(_GAP_NODES):
        if node is None or _holds_link(node):
            break
        pieces[:0] = [structural_text(node), node.tail or ""]
        node = node.getprevious()
    parent = row.getparent()
    if node is not None:
        pieces.insert(0, node.tail or "")
    elif parent is not None:
        pieces.insert(0, parent.text or "")
    return folded(" ".join(pieces))


def _holds_link(node: etree._Element) -> bool:
    return node.tag == "a" or next(node.iter("a"), None) is not None
