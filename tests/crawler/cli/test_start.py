"""The command answers at once: what a command does not need is not loaded."""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.store.views import VIEWS
from archive.work.export.tables import TABLES
from crawler.cli import build_parser
from tests.support.invented_home import home

__all__ = ["home"]
HEAVY = {
    "alembic", "lxml", "openpyxl", "playwright", "pyarrow", "rapidfuzz", "rich", "scrapy",
    "sqlalchemy", "sqlalchemy.dialects.postgresql", "starlette", "tldextract", "trafilatura", "twisted",
}  # fmt: skip
LOADED = """
import json, sys
from crawler.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
names = {name.partition(".")[0] for name in sys.modules}
names |= {name for name in sys.modules if name == "sqlalchemy.dialects.postgresql"}
sys.stderr.write(json.dumps(sorted(names)))
"""


def loaded(*words: str) -> set[str]:
    """The packages that a command has loaded when it ends."""
    done = subprocess.run([sys.executable, "-c", LOADED, *words], capture_output=True, check=True)
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["search", "--help"], ["portals", "add", "--help"], ["--version"]],
    ids=" ".join,
)  # fmt: skip
def test_the_help_loads_nothing_heavy(words: list[str]) -> None:
    assert loaded(*words) & HEAVY == set()


def test_a_search_loads_the_database_alone(home: Path) -> None:
    assert loaded("search", "年度报告", "--home", str(home)) & HEAVY == {"sqlalchemy"}


def test_the_help_takes_a_few_times_as_long_as_python_itself() -> None:
    """Measured as 3 to 6 times; with the database and Scrapy loaded it was 40 times."""
    help_s, python_s = best("-m", "crawler.cli", "--help"), best("-c", "pass")
    assert help_s < 15 * python_s, (help_s, python_s)


def best(*words: str) -> float:
    """Seconds of the fastest of five tries: the others waited for the machine."""
    return min(seconds(words) for _ in range(5))


def seconds(words: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def handlers(parser: argparse.ArgumentParser) -> Iterator[str]:
    """The `module:function` of every command below a parser."""
    for action in parser._actions:
        choices = action.choices if isinstance(action, argparse._SubParsersAction) else {}
        for command in choices.values():
            yield from handlers(command)
            place = getattr(command.get_default("handler"), "place", None)
            yield from [place] if place else []


def test_every_command_is_there() -> None:
    named = set(handlers(build_parser()))
    assert len(named) >= 36
    for place in named:
        module, _, function = place.partition(":")
        assert callable(getattr(pytest.importorskip(module), function)), place


def test_the_tables_of_the_parser_are_those_of_the_ledger() -> None:
    assert TABLES == VIEWS
