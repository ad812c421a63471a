"""The families, read once from data/*.toml, and which of them a page belongs to."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree
from lxml.cssselect import CSSSelector

from archive.families.records import Family, Mark, Pager, Recognition

# Marks are near the head, in scripts and in the footer; what is between on long pages is content.
_HEAD, _TAIL = 200_000, 100_000
_ENOUGH = 4
_SURE = 5
_OWN_DATA = "words"
_LITERAL = re.compile(r"(?:[\w/-](?![?*+{]))+")
_NAMES = re.compile(r"[#.=]([\w-]+)")


@cache
def families() -> tuple[Family, ...]:
    """Every known family, by key. One file of data/ each; adding a family is adding a file."""
    folder = files("archive.families") / "data"
    texts = {
        entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.name.endswith(".toml") and not entry.name.startswith(_OWN_DATA)
    }
    return tuple(_family(key, tomllib.loads(text)) for key, text in sorted(texts.items()))


@cache
def family(key: str) -> Family:
    """The family of that key; KeyError when there is none."""
    return {known.key: known for known in families()}[key]


def recognise(tree: etree._Element, html_text: str, url: str) -> Recognition:
    """The family whose marks on the page (HTML and URL) weigh most, with the marks met.

    A URL that is one family's alone decides without a look at the HTML.
    Sources of the marks: reference formats section 4, one a row in the data files.
    """
    by_url = _best(tree, "", url)
    if by_url.score >= _SURE:
        return by_url
    long = len(html_text) > _HEAD + _TAIL
    text = html_text[:_HEAD] + html_text[-_TAIL:] if long else html_text
    best = _best(tree, text, url)
    return best if best.score >= _ENOUGH else replace(best, key=None)


def _best(tree: etree._Element, text: str, url: str) -> Recognition:
    """The family with the heaviest marks; without a text the URL alone is looked at."""
    best = Recognition(key=None, evidence=(), score=0)
    for known in families():
        looked = (mark for mark in known.marks if text or mark.kind == "url")
        met = tuple(mark for mark in looked if _is_met(mark, tree, text, url))
        score = sum(mark.weight for mark in met)
        if score > best.score:
            evidence = tuple(f"{mark.kind}:{mark.value}" for mark in met)
            best = Recognition(key=known.key, evidence=evidence, score=score)
    return best


def _is_met(mark: Mark, tree: etree._Element, text: str, url: str) -> bool:
    if mark.kind == "text":
        return mark.value in text
    if mark.kind == "selector":
        # Of a long page the middle was cut out of the text, but not out of the tree.
        may_be = len(text) >= _HEAD + _TAIL or any(name in text for name in _names(mark.value))
        return may_be and bool(_selector(mark.value)(tree))
    where = url if mark.kind == "url" else text
    start = _literal_start(mark.value)
    return start in where and _compiled(mark.value).search(where) is not None


@cache
def _literal_start(pattern: str) -> str:
    """The plain text with which a pattern begins ("" where it does not): found much faster.

    >>> _literal_start("/content/m?post_"), _literal_start("a|b")
    ('/content/', '')
    """
    if "|" in pattern:
        return ""
    found = _LITERAL.match(pattern)
    return found.group() if found else ""


@cache
def _names(css: str) -> tuple[str, ...]:
    """The ids and classes of a selector: where none of them is in the HTML no element has one.

    >>> _names("#vsb_content, [id^=vsb_content_]")
    ('vsb_content', 'vsb_content_')
    """
    return tuple(_NAMES.findall(css)) or ("",)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _selector(css: str) -> CSSSelector:
    return CSSSelector(css, translator="html")


def _family(key: str, row: Mapping[str, Any]) -> Family:
    return Family(
        key=key,
        name=row["name"],
        marks=tuple(_mark(mark) for mark in row.get("mark", ())),
        body=tuple(row.get("body", ())),
        title=tuple(row.get("title", ())),
        box=tuple(row.get("box", ())),
        drop=tuple(row.get("drop", ())),
        pages=_patterns(row.get("pages", ())),
        lists=_patterns(row.get("lists", ())),
        twins=tuple((re.compile(old), new) for old, new in row.get("twins", ())),
        pagers=tuple(_pager(pager) for pager in row.get("pager", ())),
        readers=tuple(row.get("reader", ())),
    )


def _mark(row: Mapping[str, Any]) -> Mark:
    kind = next(kind for kind in ("text", "regex", "url", "selector") if kind in row)
    return Mark(kind=kind, value=row[kind], weight=row["weight"], source=row["source"])


def _pager(row: Mapping[str, Any]) -> Pager:
    return Pager(
        patterns=_patterns(row["patterns"]),
        page=row["page"],
        first=row.get("first"),
        first_page=row.get("first_page", 2),
        source=row["source"],
    )


def _patterns(rows: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row) for row in rows)
