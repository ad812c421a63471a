"""What people are told of a dataset: README.md, CODEBOOK.md and CITATION.cff."""

import json
from collections.abc import Iterable, Sequence
from importlib.resources import files
from typing import Final

from archive.codebook.forms import FORMS, form
from archive.codebook.indicators import applicant_names, concepts, indicators
from archive.model.content import printable
from archive.store.views import described_columns
from archive.work.export.dataset_files import PARTS, Written
from archive.work.export.dataset_metadata import (
    UNLICENSED,
    About,
    cited,
    day_of,
    described,
    version_of,
)

_STATES: Final = (
    ("given", "the cell has a number"),
    ("stated_none", "words say that there was none: value is 0"),
    ("blank", "the cell is empty: value is null, not 0"),
    ("placeholder", "the cell has a dash or a word: value is null, not 0"),
)


def readme(about: About, written: Written) -> str:
    """README.md: what there is, how it is loaded, what it may be used for, how it is cited."""
    tables = _table(
        ("table", "rows", "files", "what for"),
        ((f"`{each.name}`", f"{written.rows_of(each.name):,}", f"`{each.files}`", each.why)
         for each in PARTS),
    )  # fmt: skip
    made = ", ".join(about.creators) or "somebody who is not named"
    template = files("archive.work.export").joinpath("dataset_readme.txt").read_text("utf-8")
    return template.format(
        title=printable(about.title), described=described(written), made=printable(made),
        software=about.software, readers=", ".join(sorted(written.readers)) or "none",
        tables=tables, day=day_of(written), cited=printable(cited(about, written)),
        licence=_licence(about),
    )  # fmt: skip


def _licence(about: About) -> str:
    if about.licence.key == UNLICENSED:
        return (
            "**not specified**. Who made this dataset has named none, so nobody has given leave to"
            " use it or hand it on; ask. The reports are public bodies' own."
        )
    return f"{about.licence.title} ({about.licence.url})."


def codebook(written: Written) -> str:
    """CODEBOOK.md: every column, and the words and keys that stand in columns."""
    described = described_columns()
    parts = [f"# Codebook\n\nOf the dataset of {day_of(written)}.\n", "## Columns\n"]
    for each in PARTS:
        rows = [(f"`{c.name}`", c.type, c.unit or "", c.meaning) for c in described[each.name]]
        parts += [f"### {each.name}\n\n{each.why.capitalize()}.\n",
                  _table(("column", "type", "unit", "means"), rows)]  # fmt: skip
    applicants = ((f"`{key}`", *names) for key, names in applicant_names().items())
    joined = (
        (f"`{each.key}`", each.name, each.name_en, each.unit, each.note)
        for each in concepts().values()
    )
    counted = (
        (f"`{each.indicator}`", each.name, each.name_en, each.unit or "", each.concept or "")
        for each in indicators().values()
    )
    parts += [
        "## Forms\n", _table(("form", "title"), ((f"`{key}`", form(key).title) for key in FORMS)),
        "## States\n", _table(("state", "means"), ((f"`{key}`", told) for key, told in _STATES)),
        "## Applicants\n", _table(("applicant", "name", "in English"), applicants),
        "## Concepts\n", _table(("concept", "name", "in English", "unit", "comparability"), joined),
        "## Indicators\n", _table(("indicator", "name", "in English", "unit", "concept"), counted),
    ]  # fmt: skip
    return "\n".join(parts)


def citation(about: About, written: Written) -> str:
    """CITATION.cff 1.2.0. Strings are quoted as JSON quotes them, which YAML reads."""
    lines = [
        "cff-version: 1.2.0",
        "message: To cite one number, cite its report; table citations says how.",
        "type: dataset",
        f"title: {_quoted(about.title)}",
        f"version: {version_of(written)}",
        *([f"date-released: {day_of(written)}"] if written.as_of else []),
        "authors:",
        *(f"  - name: {_quoted(each)}" for each in about.creators or ("anonymous",)),
        f"abstract: {_quoted(described(written))}",
    ]
    if about.url:
        lines.append(f"url: {_quoted(about.url)}")
    if about.licence.key == "other-custom":
        lines.append(f"license-url: {_quoted(about.licence.url or '')}")
    elif about.licence.key != UNLICENSED:
        lines.append(f"license: {about.licence.key}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(printable(text), ensure_ascii=False)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(
        f"| {' | '.join(printable(cell).replace('|', '/') for cell in line)} |\n" for line in lines
    )
