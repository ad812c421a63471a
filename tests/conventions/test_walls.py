"""The walls between the rooms stand: each contract of import-linter breaks on a planted import."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOMS = [
    "cli",
    "web",
    "terminal",
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
    "Two houses: crawler -> archive -> settings": ("archive.work", "import crawler"),
    "Layers of the crawler: components -> session -> its parts": (
        "crawler.browser",
        "import crawler.pipelines",
    ),
    "Rooms of the archive; model is open to all": ("archive.reading", "import archive.warc"),
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
    "Layers of the index: queries -> index -> grams": (
        "archive.search.grams",
        "import archive.search.query",
    ),
    "Layers of WARC: files -> records -> HTTP messages -> bytes": (
        "archive.warc.digest",
        "import archive.warc.scan",
    ),
    "Search imports the store, neither WARC nor reading": (
        "archive.search",
        "import archive.warc",
    ),
    "Store and WARC import no words and no families": ("archive.store", "import archive.codebook"),
    "Only the store and its search import SQL libraries": ("archive.web", "import sqlalchemy"),
    "The archive never imports Scrapy": ("archive.work", "from scrapy import Request"),
    "The pure rooms touch no files, network, clock or processes": (
        "archive.families",
        "import socket",
    ),
    "No library whose licence would bind ours (AGPL, GPL) is linked in": (
        "archive.warc",
        "import surt",
    ),
}


@pytest.fixture
def house(tmp_path: Path, root: Path) -> Path:
    """An empty house with all rooms and the project's own contracts."""
    layers = (
        "crawler/browser", "crawler/pipelines", "archive/reading/html", "archive/reading/metadata",
        "archive/families/listing", "archive/families/cms", "archive/store/frontier",
        "archive/store/write", "archive/search/grams", "archive/search/query", "archive/warc/digest",
        "archive/warc/scan",
    )  # fmt: skip
    rooms = (f"archive/{room}" for room in ROOMS)
    for package in ("archive", "crawler", "settings", *rooms, *layers):
        (tmp_path / package).mkdir()
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "pyproject.toml").write_bytes((root / "pyproject.toml").read_bytes())
    return tmp_path


def check(house: Path) -> str:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-cache"], cwd=house, capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout + done.stderr


def test_an_empty_house_keeps_every_contract(house: Path) -> None:
    assert f"{len(PLANTED)} kept, 0 broken" in check(house)


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks(house: Path, contract: str) -> None:
    room, line = PLANTED[contract]
    (house / room.replace(".", "/") / "__init__.py").write_text(line + "\n")
    assert f"{contract} BROKEN" in check(house)


def test_every_contract_has_its_planted_import(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]
    assert {contract["name"] for contract in settings["contracts"]} == set(PLANTED)


def test_every_room_of_the_archive_is_walled(root: Path) -> None:
    found = {path.parent.name for path in (root / "archive").glob("*/__init__.py")}
    assert found <= set(ROOMS)
