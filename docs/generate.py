"""Writes commands.md, columns.md, indicators.md, metrics.md, settings.md and the fields of
portals.md in docs/ from the code.

python -m docs.generate
"""

import contextlib
import functools
import io
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from archive.codebook.indicators import concepts, indicators
from archive.codebook.rules import all_rules
from archive.model.portal import ROW_FIELDS
from archive.store.views import ViewColumn, correction_columns, described_columns
from archive.work.health.metrics import GAUGES
from crawler.cli import main as gongkai
from docs.settingspage import settings_page

HERE = Path(__file__).resolve().parent
UNITS = ("_seconds", "_bytes")
_FIELDS = re.compile(r"(<!-- fields: [^\n]*-->\n).*?(<!-- end of fields -->)", re.DOTALL)
HEAD = ("| column | type | unit | means |", "|---|---|---|---|")
NOTE = "*Written by `make docs` from the code; change it there.*\n"


@functools.cache
def help_of(words: tuple[str, ...]) -> str:
    """What `gongkai WORDS --help` prints, 90 columns wide."""
    os.environ["COLUMNS"] = "90"
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.suppress(SystemExit):
        gongkai([*words, "--help"])
    return told.getvalue()


def subcommands(told: str) -> list[str]:
    """The commands that a help text lists: indented by four under one word in capitals."""
    section = re.search(r"^positional arguments:\n  [A-Z]+\n((?:    .*\n)+)", told, re.MULTILINE)
    if section is None:
        return []
    return re.findall(r"^    ([a-z]\w*)(?:\s|$)", section[1], re.MULTILINE)


def every_command(words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """(words, help text) of `gongkai` and all below it."""
    told = help_of(words)
    yield words, told
    for name in subcommands(told):
        yield from every_command((*words, name))


def commands_page() -> str:
    """docs/commands.md."""
    parts = ["# Commands\n", NOTE]
    for words, told in every_command():
        title = " ".join(("gongkai", *words))
        parts.append(f"## {title}\n\n```text\n{told.strip()}\n```\n")
    return "\n".join(parts)


def columns_page() -> str:
    """docs/columns.md."""
    parts = ["# Exported columns\n", NOTE]
    for table, columns in described_columns().items():
        parts.append("\n".join([f"## {table}\n", *HEAD, *map(row, columns), ""]))
    title = "## figures and figures_current with --corrected\n\nBehind the columns above:\n"
    parts.append("\n".join([title, *HEAD, *map(row, correction_columns()), ""]))
    return "\n".join(parts)


def indicators_page() -> str:
    """docs/indicators.md."""
    joined = [
        (f"`{each.key}`", each.name, each.name_en, each.unit,
         " ".join(f"`{part.indicator}`" for part in each.parts), each.note)
        for each in concepts().values()
    ]  # fmt: skip
    counted = [
        (f"`{each.indicator}`", each.name, each.name_en, each.unit or "",
         f"`{each.concept}`" if each.concept else "", f"`{each.parent}`" if each.parent else "")
        for each in indicators().values()
    ]  # fmt: skip
    checked = [
        (each.id, " ".join(each.forms), each.text, each.text_en, each.strength, each.source)
        for each in all_rules()
    ]
    parts = [
        f"# Indicators, concepts and rules\n\n{NOTE}",
        "The same as the views `indicators` and `rules`, and as `gongkai table --list`.\n",
        "## Concepts\n",
        "A concept joins what the forms count alike; its number is the sum of all it names.\n",
        table(("key", "name", "in English", "unit", "sum of", "comparability"), joined),
        "## Rules\n",
        table(("rule", "forms", "text", "in English", "strength", "source"), checked),
        "## Indicators\n",
        table(("key", "name", "in English", "unit", "concept", "parent"), counted),
    ]
    return "\n".join(parts)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    spelled = (" | ".join(each.replace("|", "/") for each in line) for line in lines)
    return "".join(f"| {line} |\n" for line in spelled)


def metrics_page() -> str:
    """docs/metrics.md."""
    rows = [
        (f"`{each.name}`", each.name.rsplit("_", 1)[-1] if each.name.endswith(UNITS) else "",
         "; ".join(f"`{name}`: {', '.join(values or ('any',))}"
                   for name, values in each.labels.items()), each.means)
        for each in GAUGES
    ]  # fmt: skip
    told = (
        "At `/metrics` of `gongkai serve`, and at the end of each run in the file that"
        " `GONGKAI_METRICS_FILE` names\n([how](how-to/watch.md)). All are gauges; what is not"
        " known is absent. Portals are counted, not named:\nno label has values without a bound.\n"
    )
    return f"# Metrics\n\n{NOTE}\n{told}\n" + table(("metric", "unit", "labels", "means"), rows)


def portals_page() -> str:
    """docs/portals.md with the fields of a row as the code defines them."""
    lines = [f"| `{name}` | {field.metadata['meaning']} |" for name, field in ROW_FIELDS.items()]
    table = "\n".join(("| field | means |", "|---|---|", *lines))
    page = (HERE / "portals.md").read_text(encoding="utf-8")
    return _FIELDS.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page)


def row(column: ViewColumn) -> str:
    """One column as a row of its table."""
    means = column.meaning.replace("|", "/")
    return f"| `{column.name}` | {column.type} | {column.unit or ''} | {means} |"


PAGES = {
    "commands.md": commands_page,
    "columns.md": columns_page,
    "indicators.md": indicators_page,
    "portals.md": portals_page,
    "metrics.md": metrics_page,
    "settings.md": lambda: settings_page(NOTE),
}


def main() -> None:
    """Writes the pages."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
