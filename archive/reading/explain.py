"""Why a page was read as it was: what was recognised, what was believed, where everything stood."""

from collections import Counter
from dataclasses import dataclass

from lxml.html import HtmlElement

from archive.families.records import ListPage
from archive.families.registry import recognise
from archive.model.reading import Kind, Reading, Source
from archive.reading.analysis import PageAnalysis, analyse
from archive.reading.files.magic import magic_of
from archive.reading.page_kind import classify
from archive.reading.read import read

_MAX_CLASSES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxSeen:
    """A header box. element: as in `ElementName`; "lines" for a run of lines inside something
    bigger. labels: as printed, in order.
    """

    element: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSeen:
    """A data table: number from 1, size once spans are laid out, how many of its cells became
    figures, and how many of these have an indicator.
    """

    number: int
    rows: int
    columns: int
    caption: str | None
    figures: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One page as the reader sees it, and why.

    file_type: of a file by its first bytes; None for a page, and then: family with the marks that
    were met; read_as, why the page is a list or a document; container, the element that holds the
    text, how it was found, and whether its name alone says so; title_from. None: there is none.
    form: the statistics form; None without a table.
    """

    reading: Reading
    file_type: str | None = None
    family: str | None = None
    evidence: tuple[str, ...] = ()
    read_as: str | None = None
    container: str | None = None
    container_found_by: str | None = None
    container_certain: bool | None = None
    title_from: str | None = None
    boxes: tuple[BoxSeen, ...] = ()
    tables: tuple[TableSeen, ...] = ()
    form: str | None = None


def explain(source: Source) -> Explanation:
    """Reads one capture and says why it reads so. Pure; never raises for what a page holds."""
    reading = read(source)
    forms = Counter(figure.form for figure in reading.figures)
    form = forms.most_common(1)[0][0] if forms else None
    file_type = magic_of(source.body)
    if file_type is not None or reading.kind is Kind.ATTACHMENT:
        tables = _tables(reading)
        return Explanation(
            reading=reading, file_type=str(file_type or "unknown"), tables=tables, form=form
        )
    analysis = analyse(source)
    met = recognise(analysis.page.tree, analysis.page.text, source.url)
    given = source.family is not None
    return Explanation(
        reading=reading,
        family=analysis.family.key if analysis.family else None,
        evidence=("the portal's row",) if given else met.evidence,
        read_as=_read_as(analysis, reading),
        container=", ".join(map(element_name, analysis.body.elements)) if analysis.body else None,
        container_found_by=analysis.body.how if analysis.body else None,
        container_certain=analysis.body.certain if analysis.body else None,
        title_from=analysis.title.origin if analysis.title else None,
        boxes=tuple(
            BoxSeen(
                element="lines" if box.element is None else element_name(box.element),
                labels=tuple(pair.label for pair in box.pairs),
            )
            for box in analysis.boxes
        ),
        tables=_tables(reading),
        form=form,
    )


def element_name(element: HtmlElement) -> str:
    """An element as a style sheet would name it: tag, id, classes.

    >>> from lxml.html import fragment_fromstring
    >>> element_name(fragment_fromstring('<div id="zoom" class="TRS_Editor  a b c">x</div>'))
    'div#zoom.TRS_Editor.a.b'
    """
    classes = "".join(f".{name}" for name in (element.get("class") or "").split()[:_MAX_CLASSES])
    named = element.get("id")
    return f"{element.tag!s}{f'#{named}' if named else ''}{classes}"


def _read_as(analysis: PageAnalysis, reading: Reading) -> str:
    """The decision between hub page, list and document in words."""
    if reading.kind is not Kind.LIST:
        return f"{reading.kind}: a document" + (" of plain text" if analysis.page.plain else "")
    kind = classify(analysis)
    if not isinstance(kind, ListPage):
        links = f"{len(reading.links)} links to the section"
        return f"list: scheduled as {analysis.source.role}, a hub page with {links}"
    return f"list: {len(kind.items)} items and {len(kind.pages)} further pages"


def _tables(reading: Reading) -> tuple[TableSeen, ...]:
    places = [(figure.where.split(" row ")[0], figure.indicator) for figure in reading.figures]
    figures = Counter(place for place, _ in places)
    known = Counter(place for place, indicator in places if indicator)
    return tuple(
        TableSeen(
            number=number, rows=table.rows, columns=table.columns, caption=table.caption,
            figures=figures[f"table {number}"], known=known[f"table {number}"],
        )
        for number, table in enumerate(reading.tables, 1)
    )  # fmt: skip
