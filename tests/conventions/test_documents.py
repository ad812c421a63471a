"""The documents tell what there is, and nothing that is not there."""

import re
import sys
from pathlib import Path

import pytest

from tests.conventions import documents

PAGES = {
    "README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md",
    "docs/dependencies.md", "docs/troubleshooting.md", "docs/tutorials/crawl.md",
    "docs/tutorials/query.md", "docs/tutorials/replay.md",
}  # fmt: skip


@pytest.fixture(scope="module")
def texts(root: Path) -> dict[str, str]:
    return {path: (root / path).read_text(encoding="utf-8") for path in documents.documents(root)}


@pytest.fixture(scope="module")
def known() -> set[tuple[str, ...]]:
    from docs.generate import every_command

    return {words for words, _ in every_command() if words}


def test_the_pages_are_there(texts: dict[str, str]) -> None:
    assert set(texts) >= PAGES


def test_every_link_leads_somewhere(root: Path, texts: dict[str, str]) -> None:
    assert {path: bad for path in texts if (bad := documents.broken_links(root, path))} == {}


def test_every_command_is_in_the_readme(texts: dict[str, str], known: set[tuple[str, ...]]) -> None:
    named = {words[0] for words in documents.commands(texts["README.md"], "gongkai")}
    assert {words[0] for words in known} - named == set()


def test_the_documents_name_no_command_that_is_not_there(
    texts: dict[str, str], known: set[tuple[str, ...]]
) -> None:
    named = {path: documents.commands(text, "gongkai") for path, text in texts.items()}
    assert {path: bad for path in named if (bad := documents.unknown(named[path], known))} == {}


def test_every_make_target_is_documented_and_every_documented_one_is_there(
    root: Path, texts: dict[str, str]
) -> None:
    there = documents.targets((root / "Makefile").read_text())
    named = {word for words in documents.commands(texts["README.md"], "make") for word in words}
    assert named == there - {"help", "system"}


def test_every_command_has_an_example() -> None:
    from docs.generate import every_command, subcommands

    lacking = [
        " ".join(words)
        for words, text in every_command()
        if words and not subcommands(text) and "example" not in text
    ]
    assert lacking == []


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="argparse prints otherwise elsewhere")
@pytest.mark.parametrize("page", ["commands.md", "columns.md", "metrics.md", "settings.md"])
def test_a_page_written_from_the_code_is_current(root: Path, page: str) -> None:
    from docs.generate import PAGES

    assert (root / "docs" / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs`"


def test_every_variable_of_ours_is_on_the_settings_page(root: Path) -> None:
    """Those the code asks for are documented, and those documented are asked for."""
    from docs.settingspage import BASE, INTERNAL, names_in, settings, variables

    folders = ("archive", "crawler", "tests")
    code = [path.read_text("utf-8") for name in folders for path in (root / name).rglob("*.py")]
    named = set().union(*map(names_in, code)) - INTERNAL
    listed = set(variables()) | {setting.name for setting in settings(BASE.read_text("utf-8"))}
    ours = {name for name in listed if name.startswith("GONGKAI_")}
    assert (named - listed, ours - named) == (set(), set())


def test_a_planted_variable_is_found() -> None:
    from docs.settingspage import names_in

    planted = "GONGKAI" + "_MOON"
    assert names_in(f'x = os.environ["{planted}"]  # {planted}_LANDER') == {planted}


def test_every_setting_has_its_reason(root: Path) -> None:
    from docs.settingspage import settings

    text = (
        "# Why all.\nA = 1\nB = 2  # why B\n\n# Why C,\n# at length.\nC = 3\nD = {\n    1: 2,\n}\n"
    )
    assert [tuple(setting) for setting in settings(text)] == [
        ("A", "1", "Why all."), ("B", "2", "why B"), ("C", "3", "Why C, at length."),
        ("D", "{1: 2}", "Why C, at length."),
    ]  # fmt: skip
    assert [s.name for s in settings((root / "settings/base.py").read_text()) if not s.why] == []


def test_the_site_has_every_document(root: Path, texts: dict[str, str]) -> None:
    listed = re.findall(
        r"^ +- (?:[^\n:]+: )?(\S+\.md)$", (root / "mkdocs.yml").read_text(), re.MULTILINE
    )
    pages = {path.removeprefix("docs/") for path in texts if path.startswith("docs/")}
    roots = {path for path in texts if "/" not in path} - {"README.md"} | {"overview.md"}
    assert sorted(listed) == sorted(pages | roots)


def packages_drawn(text: str) -> set[str]:
    """The packages in the tree of ARCHITECTURE.md, as paths; what stands behind two blanks is a
    sibling, or the words about the last name.
    """
    drawn, above = set[str](), [""]
    for line in text.split("```\n")[1].splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        names = [name for name in re.split(r" {2,}", line.strip()) if re.fullmatch(r"\w+/?", name)]
        paths = ["/".join([*above[1 : depth + 1], name.rstrip("/")]) for name in names]
        above[depth + 1 :] = [names[0].rstrip("/")] if names else []
        drawn |= set(paths)
    return drawn


def test_the_tree_of_the_architecture_is_that_of_the_packages(
    root: Path, texts: dict[str, str]
) -> None:
    found = {
        str(path.parent.relative_to(root))
        for package in ("archive", "crawler", "settings")
        for path in root.glob(f"{package}/**/__init__.py")
    }
    found -= {"archive/store/migrations/versions"}
    assert packages_drawn(texts["ARCHITECTURE.md"]) == found


def test_a_package_that_is_not_drawn_is_found() -> None:
    tree = "```\na/  its words\n  b  c   the words of c\n    d  e\n```\n"
    assert packages_drawn(tree) == {"a", "a/b", "a/c", "a/b/d", "a/b/e"}


def test_the_changelog_tells_of_the_data(texts: dict[str, str]) -> None:
    assert "### Changes in the data" in texts["CHANGELOG.md"]


def test_a_planted_command_is_found() -> None:
    named = documents.commands("```sh\ngongkai fly --high  # now\n```", "gongkai")
    assert documents.unknown(named, {("crawl",)}) == {("fly",)}


def test_a_planted_subcommand_is_found() -> None:
    named = documents.commands("`gongkai portals sell pingtan`", "gongkai")
    assert documents.unknown(named, {("portals",), ("portals", "list")}) == {("portals", "sell")}


def test_an_argument_is_no_command() -> None:
    named = documents.commands("`gongkai crawl pingtan`", "gongkai")
    assert documents.unknown(named, {("crawl",), ("portals",), ("portals", "list")}) == set()


def test_a_planted_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(
        "# How to\n[gone](gone.md) [here](a.md) [b](a.md#how-to) [c](#who)"
    )
    assert documents.broken_links(tmp_path, "a.md") == ["gone.md", "#who"]
