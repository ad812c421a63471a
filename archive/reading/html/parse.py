"""From text to one parsed tree, with guards that hold for any input.

libxml2 ends a document at the first </html> (hand-made pages print it mid-page) and refuses to
nest deeper than 2048 elements, dropping what follows. Pages beyond the guards are read as plain
text between tags; a finding says so.
"""

import re
from dataclasses import dataclass
from functools import cache

from lxml import etree, html
from lxml.html import HtmlElement

from archive.model.reading import Finding, Severity

MAX_CHARACTERS = 12_000_000
"""Characters of a page that are read; what follows is left out with the finding `too_long`."""

MAX_TAGS = 400_000
"""A page with more tags is read as plain text with the finding `too_many_elements`."""

MAX_DEPTH = 400
"""A page nested deeper is read as plain text with the finding `too_deep` (browsers stop at 512)."""

MAX_LINES = 50_000
"""Plain text of more lines is read with several of them as one paragraph: nothing is left out."""

SCRIPTS = frozenset({"onclick", "data-href", "data-url"})
"""Attributes in which a script names where an element leads."""

_END_OF_DOCUMENT = re.compile(r"</\s*(?:html|body)\s*>", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CONTROL_BYTES = bytes([*range(0x09), 0x0B, *range(0x0E, 0x20), 0x7F])
_ODD_BYTES = ("\ufffe".encode(), "\uffff".encode())
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
# The limits of the HTML standard; such spans are cut to what the other rows have.
_SPANS = etree.XPath("boolean(//td/@colspan[. > 1000] | //td/@rowspan[. > 65534])")
# In mark-up in lower case: a span that is printed otherwise than as one or two digits.
_MAY_SPAN_MUCH = re.compile(rb"span\s*+=\s*+(?![\"']?\d{1,2}[\"'\s/>])")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]{0,4000}>", re.IGNORECASE)
_SCRIPT_ENDS = {
    name: re.compile(rf"</{name}\s{{0,40}}>", re.IGNORECASE) for name in ("script", "style")
}
_TAG = re.compile(r"<[!/?a-zA-Z][^<>]{0,4000}>")
_IS_A_PAGE = re.compile(r"\A\s{0,200}<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_ANSWER = re.compile(r"\A\s{0,200}(?:[\w.$]{1,80}\()?\s{0,20}(?:\{\s*[\"']|\[\s*[\[{\"'])")
_LOOKS_MARKED_UP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|table|span|br|a|meta|script|h[1-6]|ul|td|font|frameset|img"
    r"|title|center|form|iframe|dl|style|link)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A parsed page. `plain` is True when there was no mark-up to go by (text file, guards).

    elements: every element, kept so that lxml does not build its Python side anew at each visit.
    scripts: those of SCRIPTS that an attribute of an element can be.
    """

    tree: HtmlElement
    text: str
    plain: bool
    elements: tuple[HtmlElement, ...] = ()
    scripts: frozenset[str] = SCRIPTS
    findings: tuple[Finding, ...] = ()


def parse(text: str, *, plain: bool = False) -> Page:
    """The tree of a page; never raises. `plain`: the server called it text/plain."""
    findings: list[Finding] = []
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        findings.append(_guard("too_long", f"only the first {MAX_CHARACTERS} characters are read"))
    text = _without_controls(text)
    if "<!ENTITY" in text:
        findings.append(
            _guard("entities_ignored", "entities that a page declares are not expanded")
        )
    plain = plain and not _IS_A_PAGE.match(text)  # servers call pages text/plain, too
    if plain or not _LOOKS_MARKED_UP.search(text):
        return Page(tree=_paragraphs(text), text=text, plain=True, findings=tuple(findings))
    if text.count("<") > MAX_TAGS:
        findings.append(_guard("too_many_elements", f"more than {MAX_TAGS} tags"))
        return _stripped(text, findings)
    coded = _coded(text)
    tree = _tree(coded)
    if tree is None or _is_too_deep(tree):
        findings.append(_guard("too_deep", f"elements nested deeper than {MAX_DEPTH}"))
        return _stripped(text, findings)
    lowered = coded.lower()
    if _MAY_SPAN_MUCH.search(lowered) and _SPANS(tree) is True:
        findings.append(
            _guard("implausible_span", "cells claim to span more than a table may have")
        )
    return Page(
        tree=tree,
        text=text,
        plain=False,
        elements=tuple(tree.iter()),
        scripts=frozenset(name for name in SCRIPTS if name.encode() in lowered),
        findings=tuple(findings),
    )


def _without_controls(text: str) -> str:
    """Characters that XML does not know go; bytes tell faster whether there are any."""
    try:
        coded = text.encode()
    except UnicodeEncodeError:
        return _CONTROLS.sub("", text)
    clean = len(coded.translate(None, _CONTROL_BYTES)) == len(coded)
    if clean and not any(odd in coded for odd in _ODD_BYTES):
        return text
    return _CONTROLS.sub("", text)


def is_answer(text: str) -> bool:
    """True for JSON or JSONP, which a list's windows answer with.

    >>> is_answer('callback({"total": 2})'), is_answer("{正文}")
    (True, False)
    """
    return _ANSWER.match(text) is not None


def fragment(markup: str) -> HtmlElement | None:
    """A <div> holding parsed mark-up that stood inside a script; None when it holds no text."""
    tree = _tree(_coded(f"<div>{markup[:MAX_CHARACTERS]}</div>"))
    if tree is None or _is_too_deep(tree):
        return None
    body = tree.find("body")
    return body[0] if body is not None and len(body) else None


def _coded(text: str) -> bytes:
    return _XML_DECLARATION.sub("", _END_OF_DOCUMENT.sub("", text)).encode("utf-8", "replace")


def _tree(coded: bytes) -> HtmlElement | None:
    try:
        # None where libxml2 makes no document of it.
        return etree.fromstring(coded, parser=_parser())
    except (etree.LxmlError, ValueError, AssertionError):
        return None


@cache
def _parser() -> etree.HTMLParser[HtmlElement]:
    """lxml.html's own parser asks a Python function for the class of each element; one class for
    all of them halves the time in which a tree becomes elements.
    """
    parser: etree.HTMLParser[HtmlElement] = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True
    )
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    return parser


def _is_too_deep(tree: HtmlElement) -> bool:
    return _TOO_DEEP(tree) is True


def _stripped(text: str, findings: list[Finding]) -> Page:
    bare = _TAG.sub("\n", _without_scripts(text))
    return Page(tree=_paragraphs(bare), text=text, plain=True, findings=tuple(findings))


def _without_scripts(text: str) -> str:
    """Looks for no end a second time, so that a page of beginnings costs no more than another."""
    pieces, at, endless = [], 0, set()
    for begin in _SCRIPT.finditer(text):
        name = begin[1].lower()
        if begin.start() < at or name in endless:
            continue
        end = _SCRIPT_ENDS[name].search(text, begin.end())
        if end is None:
            endless.add(name)
            continue
        pieces.append(text[at : begin.start()])
        at = end.end()
    return "\n".join([*pieces, text[at:]])


def _paragraphs(text: str) -> HtmlElement:
    tree = html.Element("html")
    body = etree.SubElement(tree, "body")
    lines = [line for line in text.splitlines() if line.strip()]
    together = -(-len(lines) // MAX_LINES) or 1
    for start in range(0, len(lines), together):
        etree.SubElement(body, "p").text = " ".join(lines[start : start + together])
    return tree


def _guard(rule: str, message: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARNING, message=message)
