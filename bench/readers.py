"""Readers of other people's making, each with what it takes from a page: text, title, day."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

import trafilatura
from lxml import html
from resiliparse.extract.html2text import extract_plain_text

from archive.model.outcome import Role
from archive.model.reading import Source
from archive.reading.html.charset import decode
from archive.reading.read import read
from archive.reading.values.dates import day_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a reader took. fields: by the contract's names; a name that is not there is one the
    reader does not look for, None what it looked for and did not find.
    """

    text: str
    fields: Mapping[str, str | None]


Reader = Callable[[bytes, str], Taken]
"""Body and URL in, what was taken out."""

NAMES = "title agency source index_number document_number written_on published_on category".split()


def ours(body: bytes, url: str) -> Taken:
    """Our reading."""
    reading = read(Source(url=url, body=body, role=Role.PAGE))
    named = {entry.name: entry.value for entry in reading.fields}
    fields = {name: named.get(name) for name in NAMES} | {"title": reading.title}
    return Taken(text="\n".join(reading.lines), fields=fields)


def by_trafilatura(body: bytes, url: str) -> Taken:
    """trafilatura: text with its defaults, and its metadata."""
    text = trafilatura.extract(body) or ""
    tree = trafilatura.load_html(body)
    if tree is None:
        return Taken(text=text, fields={})
    found = trafilatura.extract_metadata(tree, default_url=url)
    fields = {"title": found.title, "published_on": found.date, "source": found.author}
    return Taken(text=text, fields=fields)


def by_resiliparse(body: bytes, _: str) -> Taken:
    """resiliparse: main content; it takes no fields."""
    text = extract_plain_text(decode(body, None).text, main_content=True)
    return Taken(text=str(text), fields={})


def by_readability(module: ModuleType) -> Reader:
    """readability-lxml: the summary's text and the title."""

    def take(body: bytes, _: str) -> Taken:
        document = module.Document(decode(body, None).text)
        text = html.document_fromstring(document.summary()).text_content()
        return Taken(text=text, fields={"title": document.title()})

    return take


def by_gne(module: ModuleType) -> Reader:
    """GeneralNewsExtractor (gne): text, title, day, author."""

    def take(body: bytes, _: str) -> Taken:
        found = module.GeneralNewsExtractor().extract(decode(body, None).text)
        day = day_of(found["publish_time"] or "")
        fields = {"title": found["title"], "published_on": day, "source": found["author"]}
        return Taken(text=found["content"], fields=fields)

    return take


def readers() -> Mapping[str, Reader | None]:
    """Every reader by name; None where its package (group `compare`) is not installed."""
    found: dict[str, Reader | None] = {
        "Gongkai": ours,
        "trafilatura": by_trafilatura,
        "resiliparse": by_resiliparse,
    }
    for name, package, maker in (
        ("readability-lxml", "readability", by_readability),
        ("gne", "gne", by_gne),
    ):
        try:
            found[name] = maker(importlib.import_module(package))
        except ImportError:
            found[name] = None
    return found
