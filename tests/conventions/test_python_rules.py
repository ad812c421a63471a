"""Every Python file keeps the conventions, and every rule bites."""

import statistics
from pathlib import Path

import pytest

from tests.conventions import python_rules as rules
from tests.conventions.tree import in_the_packages, python_files


def test_every_file_keeps_every_rule(root: Path) -> None:
    """One look at each file: to parse them all takes seconds."""
    said, lengths = [], []
    for path in python_files(root):
        file, ours = rules.load(root, path), in_the_packages(path)
        for rule in (*rules.EVERYWHERE, *(rules.IN_THE_PACKAGES if ours else ())):
            said += [f"{rule.__name__}: {complaint}" for complaint in rule(file)]
        if ours:
            lengths += [rules.length(function) for function in rules.functions(file)]
    assert "\n".join(said) == ""
    lengths.sort()
    assert statistics.median(lengths) <= 8
    assert lengths[len(lengths) * 9 // 10] <= 25


PLANTED = {
    rules.no_long_function: ("archive/x.py", "def f():\n" + "    a = 1\n" * 51),
    rules.no_long_file: ("archive/x.py", "a = 1\n" * 401),
    rules.no_vague_name: ("archive/work/utils.py", ""),
    rules.module_header: ("archive/x/__init__.py", '"""A package."""\n'),
    rules.public_names_are_documented: ("archive/x.py", "class A:\n    def f(self): ...\n"),
    rules.no_word_of_before: ("archive/x.py", f"{rules.GONE[0]} = 1\n"),
    rules.records_are_frozen: ("archive/model/x.py", "@dataclass(frozen=True)\nclass A: ...\n"),
    rules.no_module_state: ("archive/x.py", "seen: dict[str, int] = {}\n"),
    rules.one_clock: ("archive/store/x.py", "a = datetime.datetime.now(UTC)\n"),
    rules.pure_packages_open_nothing: ("archive/reading/x.py", "open('x')\n"),
    rules.nothing_is_stubbed: ("archive/x.py", "raise NotImplementedError\n"),
    rules.ignores_say_why: ("archive/x.py", "import os  # noqa" + ": F401\n"),
}


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_planted_breach_is_told(rule: rules.Rule) -> None:
    assert list(rule(rules.source(*PLANTED[rule])))


@pytest.mark.parametrize(
    "line",
    [
        "from time import time",
        "a = time.gmtime()",
        "b = date.today",
        "from archive.work.clock import now",
    ],
)
def test_no_other_reading_of_the_wall_clock_passes(line: str) -> None:
    assert list(rules.one_clock(rules.source("crawler/x.py", f"{line}\n")))


def test_every_rule_has_its_planted_breach() -> None:
    assert set(PLANTED) == {*rules.EVERYWHERE, *rules.IN_THE_PACKAGES}


KEPT = {
    rules.no_long_function: (
        "archive/x.py",
        'def f():\n    """' + "\n" * 60 + '"""\n    return 1\n',
    ),
    rules.one_clock: ("crawler/x.py", "a = clock.now()\nb = time.monotonic()\n"),
    rules.no_module_state: ("archive/x.py", "PORTS = {'http': 80}\n"),
    rules.ignores_say_why: ("archive/x.py", "import os  # noqa" + ": F401 - a re-export\n"),
    rules.public_names_are_documented: ("archive/x.py", "def _f(): ...\n"),
}


@pytest.mark.parametrize("rule", KEPT, ids=lambda rule: rule.__name__)
def test_what_is_allowed_is_not_told(rule: rules.Rule) -> None:
    assert list(rule(rules.source(*KEPT[rule]))) == []
