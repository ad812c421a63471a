"""A version as it is cited: in words, as BibTeX, and as plain values.

The Chinese line follows GB/T 7714-2015, section 8.8 (electronic resources): who, title[EB/OL],
(date of publication)[date of access], address. The date of access is that of the capture, because
that is what the archive can show. Where nobody knows whose report it is, that is said, and the host
stands as its publisher.
"""

import re
from dataclasses import asdict
from typing import Any, Final
from urllib.parse import urlsplit

from archive.model.content import printable
from archive.model.errors import UsageError
from archive.model.instants import exact
from archive.store import Store
from archive.store.query.citations import CitationRow, citation_row
from archive.work.query.find_page import find_page
from archive.work.query.show import version_of

_NO_BODY: Final = ("[发布机关不详]", "[body unknown]")
_NO_TITLE: Final = ("无题名", "(no title)")
_TEX: Final = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip
# An address stands in BibTeX as it is; only what would end the field is spelled otherwise.
_NOT_IN_URL: Final = re.compile(r"[\\{}\"\s<>^`|]")
_NO_KEY: Final = re.compile("[^0-9A-Za-z]+")


def citation_of(store: Store, given: str, number: int | None = None) -> CitationRow:
    """Version `number` of a page (the latest when None), as it is cited. UsageError: no such page
    or version.
    """
    page = find_page(store, given)
    version = version_of(store, page, number)
    with store.read() as connection:
        found = citation_row(connection, page.key, version.number)
    if found is None:  # its capture or portal is gone from the ledger
        raise UsageError(f"{page.key} version {version.number} cannot be cited; gongkai verify")
    return found


def chinese_citation(cited: CitationRow, snapshot: str | None) -> str:
    """The citation in Chinese. snapshot: where the capture is replayed; None: not known."""
    published = f"({cited.published_on})" if cited.published_on else ""
    title = printable(cited.title or "") or _NO_TITLE[0]
    kept = (
        f"存档版本{cited.version}，采集于{exact(cited.captured_at)}，内容散列{cited.content_hash}"
    )
    shown = f"，快照{snapshot}" if snapshot else ""
    who = printable(cited.body or _NO_BODY[0])
    host = f"{host_named(cited.url)}, " if cited.body is None else ""
    return (
        f"{who}. {title}[EB/OL]. {host}{published}[{cited.captured_at:%Y-%m-%d}]."
        f" {printable(cited.url)}. {kept}{shown}."
    )


def english_citation(cited: CitationRow, snapshot: str | None) -> str:
    """The citation in English. snapshot: as in `chinese_citation`."""
    year = (cited.published_on or "n.d.")[:4]
    title = printable(cited.title or "") or _NO_TITLE[1]
    shown = f" Snapshot: {snapshot}." if snapshot else ""
    who = printable(cited.body or _NO_BODY[1])
    host = f" {host_named(cited.url)}." if cited.body is None else ""
    return (
        f"{who} ({year}). {title}.{host} {printable(cited.url)}. Archived version"
        f" {cited.version}, captured {exact(cited.captured_at)}, content hash"
        f" {cited.content_hash}.{shown}"
    )


def bibtex(cited: CitationRow, snapshot: str | None) -> str:
    """The citation as an entry of BibTeX, which biblatex reads too. snapshot: as in
    `chinese_citation`.
    """
    digest = _NO_KEY.sub("", cited.content_hash)[-12:]
    note = (
        f"Archived version {cited.version}, captured {exact(cited.captured_at)}, content hash"
        f" {cited.content_hash}, {cited.warc_file} at {cited.warc_offset}"
    )
    fields = {
        "author": f"{{{_tex(cited.body)}}}" if cited.body else "",
        "title": f"{{{_tex(cited.title or _NO_TITLE[0])}}}",
        "publisher": "" if cited.body else _tex(host_named(cited.url)),
        "year": (cited.published_on or "")[:4],
        "date": cited.published_on or "",
        "url": _url(cited.url),
        "urldate": f"{cited.captured_at:%Y-%m-%d}",
        "howpublished": _url(snapshot or ""),
        "note": _tex(note),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@misc{{gongkai-{digest}-v{cited.version},", *lines, "}"])


def citation_json(cited: CitationRow, snapshot: str | None) -> dict[str, Any]:
    """The citation as scripts get it: its values, and the three spellings."""
    return {
        **asdict(cited),
        "captured_at": exact(cited.captured_at),
        "snapshot": snapshot,
        "chinese": chinese_citation(cited, snapshot),
        "english": english_citation(cited, snapshot),
        "bibtex": bibtex(cited, snapshot),
    }


def host_named(url: str) -> str:
    """The host of a URL, as people name it.

    >>> host_named("http://www.x.gov.cn/nb/"), host_named("http://127.0.0.1:8000/")
    ('www.x.gov.cn', '127.0.0.1:8000')
    """
    return printable(urlsplit(url).netloc.rpartition("@")[2])


def _tex(text: str) -> str:
    return "".join(_TEX.get(each, each) for each in printable(text))


def _url(url: str) -> str:
    """As RFC 3986 spells what may not stand in a URL."""
    return _NOT_IN_URL.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), url)
