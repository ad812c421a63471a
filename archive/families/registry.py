"""The families, read once from data/*.toml, and which of them a page belongs to."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree
from lxml.cssselect import CSSSelector

from archive.families.records import Answer, Family, Mark, Pager, Recognition

# Marks are near the head, in scripts and in the footer; a page of many megabytes is all tables.
_MAX_TEXT = 1_000_000
_ENOUGH = 4
_OWN_DATA = "words"


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


def recognise(tree: etree._Element, html_text: str, address: str) -> Recognition:
    """The family whose marks on the page (HTML and address) weigh most, with the marks met.

    Sources of the marks: reference formats section 4, one a row in the data files.
    """
    text = html_text[:_MAX_TEXT]
    best = Recognition(key=None, evidence=(), score=0)
    for known in families():
        met = tuple(mark for mark in known.marks if _is_met(mark, tree, text, address))
        score = sum(mark.weight for mark in met)
        if score > best.score:
            evidence = tuple(f"{mark.kind}:{mark.value}" for mark in met)
            best = Recognition(key=known.key, evidence=evidence, score=score)
    if best.score < _ENOUGH:
        return Recognition(key=None, evidence=best.evidence, score=best.score)
    return best


def _is_met(mark: Mark, tree: etree._Element, text: str, address: str) -> bool:
    if mark.kind == "text":
        return mark.value in text
    if mark.kind == "address":
        return _compiled(mark.value).search(address) is not None
    if mark.kind == "regex":
        return _compiled(mark.value).search(text) is not None
    return bool(_selector(mark.value)(tree))


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
        answer=Answer(**_answer(row["answer"])) if "answer" in row else None,
    )


def _mark(row: Mapping[str, Any]) -> Mark:
    kind = next(kind for kind in ("text", "regex", "address", "selector") if kind in row)
    return Mark(kind=kind, value=row[kind], weight=row["weight"], source=row["source"])


def _pager(row: Mapping[str, Any]) -> Pager:
    return Pager(
        patterns=_patterns(row["patterns"]),
        page=row["page"],
        first=row.get("first"),
        first_page=row.get("first_page", 2),
        body=row.get("body"),
        defaults=tuple(row.get("defaults", {}).items()),
        source=row["source"],
    )


def _answer(row: Mapping[str, Any]) -> dict[str, Any]:
    optional = {"date": None, "total": None, "page_param": None, "per_page": 0}
    return {**optional, **{name: value for name, value in row.items() if name != "source"}}


def _patterns(rows: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(row) for row in rows)
