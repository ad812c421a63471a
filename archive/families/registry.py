"""The families, read once from data/*.toml, and which of them a page belongs to."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from lxml import etree
from lxml.cssselect import CSSSelector

from archive.families.records import Family, Fingerprint, Pager, Recognition
from archive.families.words import literal_first

# Fingerprints are near the head, in scripts and in the footer; between is content, on long pages.
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
    """The family whose fingerprints on the page (HTML and URL) weigh most, with those met.

    A URL that is one family's alone decides without a look at the HTML.
    Sources of the fingerprints: reference formats section 4, one a row in the data files.
    """
    by_url = _best(lambda sign: _in_url(sign, url), _url_signs())
    if by_url.score >= _SURE:
        return by_url
    long = len(html_text) > _HEAD + _TAIL
    text = html_text[:_HEAD] + html_text[-_TAIL:] if long else html_text
    best = _best(lambda sign: _is_met(sign, tree, text, url), _signs()) if text else by_url
    return best if best.score >= _ENOUGH else replace(best, key=None)


_Signs = tuple[tuple[str, tuple[Fingerprint, ...]], ...]


@cache
def _signs() -> _Signs:
    return tuple((known.key, known.fingerprints) for known in families())


@cache
def _url_signs() -> _Signs:
    kept = ((key, tuple(each for each in signs if each.kind == "url")) for key, signs in _signs())
    return tuple((key, signs) for key, signs in kept if signs)


def _best(is_met: Callable[[Fingerprint], bool], families_signs: _Signs) -> Recognition:
    """The family whose fingerprints weigh most."""
    best = Recognition(key=None, evidence=(), score=0)
    for key, signs in families_signs:
        met = [sign for sign in signs if is_met(sign)]
        score = sum([sign.weight for sign in met])
        if score > best.score:
            evidence = tuple(f"{sign.kind}:{sign.value}" for sign in met)
            best = Recognition(key=key, evidence=evidence, score=score)
    return best


def _in_url(sign: Fingerprint, url: str) -> bool:
    start = _literal_start(sign.value)
    return start in url and _compiled(sign.value).search(url) is not None


def _is_met(sign: Fingerprint, tree: etree._Element, text: str, url: str) -> bool:
    if sign.kind == "text":
        return sign.value in text
    if sign.kind == "url":
        return _in_url(sign, url)
    if sign.kind == "selector":
        # Of a long page the middle was cut out of the text, but not out of the tree.
        may_be = len(text) >= _HEAD + _TAIL or any(name in text for name in _names(sign.value))
        return may_be and bool(_selector(sign.value)(tree))
    start = _literal_start(sign.value)
    return start in text and _compiled(sign.value).search(text) is not None


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
        fingerprints=tuple(_fingerprint(each) for each in row.get("fingerprint", ())),
        body=tuple(row.get("body", ())),
        title=tuple(row.get("title", ())),
        metadata_box=tuple(row.get("metadata_box", ())),
        pages=_patterns(row.get("pages", ())),
        lists=_patterns(row.get("lists", ())),
        canonical_rewrites=tuple(
            (re.compile(old), new) for old, new in row.get("canonical_rewrites", ())
        ),
        pagers=tuple(_pager(pager) for pager in row.get("pager", ())),
        readers=tuple(row.get("reader", ())),
    )


def _fingerprint(row: Mapping[str, Any]) -> Fingerprint:
    kind = next(kind for kind in ("text", "regex", "url", "selector") if kind in row)
    return Fingerprint(kind=kind, value=row[kind], weight=row["weight"], source=row["source"])


def _pager(row: Mapping[str, Any]) -> Pager:
    return Pager(
        patterns=_patterns(row["patterns"]),
        page=row["page"],
        first=row.get("first"),
        first_page=row.get("first_page", 2),
        source=row["source"],
    )


def _patterns(rows: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(literal_first(row)) for row in rows)
