"""Text that stands in scripts: gkmlpt's _CONFIG.DETAIL (Guangdong) and document.writeln."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.codebook.labels import Label
from archive.reading.html.parse import fragment
from archive.reading.values.pairs import Pair

_DETAIL = re.compile(r"[\"']?DETAIL[\"']?\s*[:=]\s*(?=\{)")
_WRITE = re.compile(
    r"document\.write(?:ln)?\(\s*(?:\"((?:[^\"\\]|\\.)*+)\"|'((?:[^'\\]|\\.)*+)')\s*\)"
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": ""}
_MAX_SCRIPT = 2_000_000
_RUNNING = 60
_KEYS = (
    ("identifier", "index_number"),
    ("publisher", "agency"),
    ("document_number", "document_number"),
    ("date", "written_on"),
    ("display_publish_time", "published_on"),
    ("title", "title"),
    ("keywords", "keywords"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """What a script carries: the text as an element, and labelled values."""

    element: HtmlElement
    pairs: tuple[Pair, ...] = ()


def from_config(html_text: str) -> Embedded | None:
    """The document inside window._CONFIG.DETAIL; None when the page has none."""
    found = _DETAIL.search(html_text) if "DETAIL" in html_text else None
    if found is None or "content" not in html_text[found.end() :]:
        return None
    try:
        detail, _ = json.JSONDecoder().raw_decode(html_text[found.end() :][:_MAX_SCRIPT])
    except (ValueError, RecursionError):
        return None
    content = detail.get("content") if isinstance(detail, dict) else None
    if not isinstance(content, str) or not content.strip():
        return None
    element = fragment(content)
    return None if element is None else Embedded(element=element, pairs=_pairs(detail))


def written_by(tree: HtmlElement) -> str:
    """The mark-up that the page's scripts write with string literals."""
    written: list[str] = []
    for script in tree.iter("script"):
        text = script.text or ""
        if "document.write" in text and len(text) <= _MAX_SCRIPT:
            written += [_unescaped(a or b) for a, b in _WRITE.findall(text)]
    return "\n".join(piece for piece in written if "<script" not in piece.lower())


def may_speak(markup: str) -> bool:
    """Whether it is long enough for running text: no mark-up shows more than it has characters."""
    return len(markup) >= _RUNNING


def from_writes(markup: str) -> Embedded | None:
    """The text of what scripts write; None when it is none."""
    element = fragment(markup) if markup.strip() else None
    return Embedded(element=element) if element is not None and _speaks(element) else None


def _speaks(element: HtmlElement) -> bool:
    """True when running text was written, not a pager or a counter."""
    linked = sum(len(text.strip()) for link in element.iter("a") for text in link.itertext())
    return sum(len(text.strip()) for text in element.itertext()) - linked >= _RUNNING


def _unescaped(literal: str) -> str:
    def meaning(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) > 1:
            return chr(int(code[1:], 16))
        return _PLAIN.get(code, code)

    return _ESCAPE.sub(meaning, literal)


def _pairs(detail: Mapping[str, object]) -> tuple[Pair, ...]:
    pairs = []
    for key, field in _KEYS:
        value = detail.get(key)
        if isinstance(value, str):
            known = Label(field=field, kind="box", strong=True, rank=1)
            text = value.strip()[:500]
            pairs.append(Pair(label=key, value=text, printed=text, known=known))
    return tuple(pairs)
