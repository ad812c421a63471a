"""The walls between the packages stand: each contract of import-linter breaks on a planted import."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PACKAGES = [
    "cli",
    "web",
    "terminal",
    "progress",
    "command",
    "work",
    "search",
    "store",
    "warc",
    "reading",
    "families",
    "codebook",
    "model",
]
PLANTED = {
    "Packages: crawler -> archive -> settings": ("archive.work", "import crawler"),
    "Layers of the crawler: components -> session -> its parts": (
        "crawler.browser",
        "import crawler.pipelines",
    ),
    "Layers of the archive; model is open to all": ("archive.reading", "import archive.warc"),
    "Layers of reading: page kinds -> what is read -> values -> html": (
        "archive.reading.html",
        "import archive.reading.metadata",
    ),
    "Layers of families: lists -> CMS readers -> engine -> words": (
        "archive.families.listing",
        "import archive.families.cms",
    ),
    "Layers of the store: queries -> writes -> frontier -> schema": (
        "archive.store.frontier",
        "import archive.store.write",
    ),
    "Layers of search: answers -> order -> proof -> candidates -> index -> grams": (
        "archive.search.grams",
        "import archive.search.query",
    ),
    "Layers of WARC: files -> records -> HTTP messages -> bytes": (
        "archive.warc.digest",
        "import archive.warc.scan",
    ),
    "Layers of the work: commands' work, each apart -> ingest -> what all share": (
        "archive.work.export",
        "import archive.work.query",
    ),
    "Search imports the store, neither WARC nor reading": (
        "archive.search",
        "import archive.warc",
    ),
    "Store and WARC import no words and no families": ("archive.store", "import archive.codebook"),
    "Only the store and its search import SQL libraries": ("archive.web", "import sqlalchemy"),
    "The archive never imports Scrapy": ("archive.work", "from scrapy import Request"),
    "The pure packages touch no files, network, clock or processes": (
        "archive.families",
        "import socket",
    ),
    "No library whose licence would bind ours (AGPL, GPL) is linked in": (
        "archive.warc",
        "import surt",
    ),
}


@pytest.fixture
def tree(tmp_path: Path, root: Path) -> Path:
    """An empty tree with all packages and the project's own contracts."""
    layers = (
        "crawler/browser", "crawler/pipelines", "archive/reading/html", "archive/reading/metadata",
        "archive/families/listing", "archive/families/cms", "archive/store/frontier",
        "archive/store/write", "archive/search/grams", "archive/search/query", "archive/warc/digest",
        "archive/warc/scan", "archive/work/export", "archive/work/query",
    )  # fmt: skip
    packages = (f"archive/{package}" for package in PACKAGES)
    for package in ("archive", "crawler", "settings", *packages, *layers):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    return tmp_path


def check(tree: Path) -> str:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=tree, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def test_an_empty_tree_keeps_every_contract(tree: Path) -> None:
    assert f"{len(PLANTED)} kept, 0 broken" in check(tree)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks(tree: Path, contract: str) -> None:
    package, line = PLANTED[contract]
    (tree / package.replace(".", "/") / "__init__.py").write_text(line + "\n")
    assert f"{contract} BROKEN" in check(tree)


def test_every_contract_has_its_planted_import(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in settings["contracts"]} == set(PLANTED)


def test_every_package_of_the_archive_has_a_layer(root: Path) -> None:
    found = {path.parent.name for path in (root / "archive").glob("*/__init__.py")}
    assert found <= set(PACKAGES)
