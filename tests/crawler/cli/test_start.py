"""The command answers at once: what a command does not need is not loaded."""

import argparse
import gc
import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.command import Deferred
from archive.store.views import VIEWS
from archive.terminal import Ui
from archive.work.export.tables import TABLES
from crawler.cli import build_parser
from tests.support.invented_home import home

__all__ = ["home"]
HEAVY = {
    "alembic", "archive.store.write.versioning", "lxml", "openpyxl", "playwright", "pyarrow", "rapidfuzz", "rich", "scrapy",
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
names |= {"sqlalchemy.dialects.postgresql", "archive.store.write.versioning"} & set(sys.modules)
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
    """Seconds of the fastest of five tries."""
    return min(seconds(words) for _ in range(5))


def seconds(words: tuple[str, ...]) -> float:
    """Of processor time: how long it waits for its turn is no matter."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def test_the_collector_of_garbage_works_whatever_loading_a_command_came_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gc, "get_freeze_count", lambda: 0)
    monkeypatch.setattr(gc, "freeze", lambda: None)
    with pytest.raises(ModuleNotFoundError):
        Deferred("archive.no_such:thing")(argparse.Namespace(), Ui(as_json=False, debug=False))
    assert gc.isenabled()


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
