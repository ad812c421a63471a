"""The tree of files keeps the conventions, and every rule bites."""

import hashlib
from pathlib import Path

import pytest

from tests.conventions import tree_rules as rules
from tests.conventions.tree import files


@pytest.fixture(scope="module")
def tree(root: Path) -> rules.Tree:
    return {path: (root / path).read_bytes() for path in files(root)}


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_tree_keeps(tree: rules.Tree, rule: rules.Rule) -> None:
    assert "\n".join(rule(tree)) == ""


def test_no_page_of_others_is_copied(tree: rules.Tree, shared: Path) -> None:
    folders = (shared / "pages", shared / "seeds", shared / "files")
    theirs = {digest(path.read_bytes()) for folder in folders for path in folder.iterdir()}
    assert [path for path, content in tree.items() if digest(content) in theirs] == []


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


PLANTED = {
    rules.clean_root: {"NOTES_ON_THE_FIX.md": b""},
    rules.no_machine_is_named: {"docs/a.md": "cd /w-rk/main".replace("-", "o").encode()},
    rules.no_tool_of_the_authors_is_named: {
        "docs/a.md": "written with Chat-".replace("-", "GPT").encode()
    },
    rules.no_stray_file: {"tests/warc/a.warc.gz.open": b""},
    rules.no_large_file: {"docs/a.png": bytes(2 << 20)},
    rules.settings_say_why: {"settings/base.py": b"RETRY_TIMES = 3\n"},
    rules.ignored_rules_say_why: {"pyproject.toml": b'ignore = [\n    "E501",\n]\n'},
    rules.tests_mirror_the_code: {"archive/store/a.py": b"", "tests/elsewhere/test_a.py": b""},
}


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_planted_breach_is_told(rule: rules.Rule) -> None:
    assert list(rule(PLANTED[rule]))


def test_every_rule_has_its_planted_breach() -> None:
    assert set(PLANTED) == set(rules.RULES)


def test_a_path_inside_the_project_is_no_machine_path() -> None:
    assert (
        list(rules.no_machine_is_named({"a.md": b"see archive/work/preservation/verify.py"})) == []
    )


def test_a_setting_may_say_why_on_the_line_above() -> None:
    tree = {"settings/base.py": b"# times; a portal is often down for minutes\nRETRY_TIMES = 3\n"}
    assert list(rules.settings_say_why(tree)) == []
