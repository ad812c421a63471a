"""Writes commands.md, columns.md and settings.md of docs/ from the code, so that they cannot tell
otherwise.

python -m docs.generate
"""

import contextlib
import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

from archive.store.views import ViewColumn, described_columns
from crawler.cli import main as gongkai
from docs.settingspage import settings_page

HERE = Path(__file__).resolve().parent
NOTE = "*Written by `make docs` from the code; change it there.*\n"


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
        head = [f"## {table}\n", "| column | type | unit | means |", "|---|---|---|---|"]
        parts.append("\n".join([*head, *map(row, columns), ""]))
    return "\n".join(parts)


def row(column: ViewColumn) -> str:
    """One column as a row of its table."""
    means = column.meaning.replace("|", "/")
    return f"| `{column.name}` | {column.type} | {column.unit or ''} | {means} |"


PAGES = {
    "commands.md": commands_page,
    "columns.md": columns_page,
    "settings.md": lambda: settings_page(NOTE),
}


def main() -> None:
    """Writes all three pages."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
