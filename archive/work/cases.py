"""A saved page and what is read from it, as the text of a test folder's expected.toml.

The first line says that nobody has compared it with the page yet; tests fail until it is gone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from archive.families.lists import looks_like_list, read_list
from archive.families.records import ListPage
from archive.families.registry import recognise
from archive.model.outcome import Role
from archive.model.reading import Figure, Link, Source
from archive.reading.analysis import analyse
from archive.reading.page_kind import classify
from archive.reading.read import read

UNREVIEWED: Final = "reviewed = false  # compare each line with the page, then delete this one"

Expectation: TypeAlias = Mapping[str, object]


def is_list_case(source: Source) -> bool:
    """Whether the page is a list of links (its test belongs to the families) or a document."""
    return isinstance(classify(analyse(source)), ListPage)


def list_page(source: Source) -> str:
    """The page's text: cases of lists are saved in UTF-8, whatever their portal sent."""
    return analyse(source).page.text


def list_case(source: Source) -> str:
    """What a list page names, as an expectation."""
    analysis = analyse(source)
    tree, text, url = analysis.page.tree, analysis.page.text, source.url
    found = read_list(tree, text, url, None)
    wanted: dict[str, object] = {
        "url": url,
        "family": recognise(tree, text, url).key or "",
        "is_list": looks_like_list(tree, text, url),
    }
    counts = {"total_items": found.total_items, "total_pages": found.total_pages}
    wanted |= {name: count for name, count in counts.items() if count is not None}
    wanted["items"] = [
        [link.role.value, link.url, link.printed_date or "", link.text] for link in found.items
    ]
    wanted["pages"] = sorted(_page(link) for link in found.pages)
    return expected_text(wanted)


def page_case(source: Source) -> str:
    """What a document says, as an expectation."""
    return expected_text({"url": source.url, **page_facts(source)})


def page_facts(source: Source) -> Expectation:
    """What is read from a document, field by field; what is not there is left out."""
    reading = read(replace(source, role=Role.PAGE))
    found: dict[str, object] = {
        "kind": reading.kind.value,
        "family": reading.family or "",
        "title": reading.title or "",
        "report_year": reading.report_year or 0,
        "first_line": reading.lines[0] if reading.lines else "",
        "last_line": reading.lines[-1] if reading.lines else "",
        "line_count": len(reading.lines),
    }
    found |= {f"field_{field.name}": field.value or "" for field in reading.fields}
    found["figures"] = [_figure(figure) for figure in reading.figures]
    found["findings"] = sorted(finding.rule for finding in reading.findings)
    found["links"] = [[link.role.value, link.url, link.text] for link in reading.links]
    return found


def expected_text(wanted: Expectation) -> str:
    """An expectation as TOML, marked as not reviewed.

    >>> print(expected_text({"title": "年报", "pages": []}).partition("\\n")[2], end="")
    title = "年报"
    pages = []
    """
    lines = [f"{_key(name)} = {_value(value)}" for name, value in wanted.items()]
    return "\n".join([UNREVIEWED, *lines, ""])


def _page(link: Link) -> str:
    return link.url if link.method == "GET" else f"{link.method} {link.url} {link.body}"


def _figure(figure: Figure) -> list[str]:
    name = figure.indicator or figure.label
    return [name, figure.applicant or "", figure.state.value, figure.printed]


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _quoted(name)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, Sequence):
        return _listed(value)
    return str(value)


def _listed(values: Sequence[object]) -> str:
    if not values:
        return "[]"
    if any(isinstance(each, list) for each in values):
        return "[\n" + "".join(f"  {_flat(each)},\n" for each in values) + "]"
    return _flat(values)


def _flat(values: object) -> str:
    items = values if isinstance(values, list) else [values]
    return f"[{', '.join(map(_value, items))}]"


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes, and DEL, which JSON leaves alone."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
