"""The documents tell what there is, and nothing that is not there."""

import sys
from pathlib import Path

import pytest

from tests.house import documents

PAGES = {"README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/dependencies.md"}


@pytest.fixture(scope="module")
def told(root: Path) -> dict[str, str]:
    return {path: (root / path).read_text(encoding="utf-8") for path in documents.documents(root)}


@pytest.fixture(scope="module")
def known() -> set[tuple[str, ...]]:
    from docs.generate import every_command

    return {words for words, _ in every_command() if words}


def test_the_pages_are_there(told: dict[str, str]) -> None:
    assert set(told) >= PAGES


def test_every_link_leads_somewhere(root: Path, told: dict[str, str]) -> None:
    assert {path: bad for path in told if (bad := documents.broken_links(root, path))} == {}


def test_every_command_is_in_the_readme(told: dict[str, str], known: set[tuple[str, ...]]) -> None:
    named = {words[0] for words in documents.commands(told["README.md"], "gongkai")}
    assert {words[0] for words in known} - named == set()


def test_the_documents_name_no_command_that_is_not_there(
    told: dict[str, str], known: set[tuple[str, ...]]
) -> None:
    named = {path: documents.commands(text, "gongkai") for path, text in told.items()}
    assert {path: bad for path in named if (bad := documents.unknown(named[path], known))} == {}


def test_every_make_target_is_documented_and_every_documented_one_is_there(
    root: Path, told: dict[str, str]
) -> None:
    there = documents.targets((root / "Makefile").read_text())
    named = {word for words in documents.commands(told["README.md"], "make") for word in words}
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
@pytest.mark.parametrize("page", ["commands.md", "columns.md"])
def test_a_page_written_from_the_code_is_current(root: Path, page: str) -> None:
    from docs.generate import PAGES

    assert (root / "docs" / page).read_text(encoding="utf-8") == PAGES[page](), "run `make docs`"


def test_the_architecture_names_every_room(root: Path, told: dict[str, str]) -> None:
    rooms = {path.parent.name for path in root.glob("archive/*/__init__.py")}
    assert {room for room in rooms if room not in told["ARCHITECTURE.md"]} == set()


def test_the_changelog_tells_of_the_data(told: dict[str, str]) -> None:
    assert "### Changes in the data" in told["CHANGELOG.md"]


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
    (tmp_path / "a.md").write_text("[gone](gone.md) and [here](a.md)")
    assert documents.broken_links(tmp_path, "a.md") == ["gone.md"]
