"""Dependencies are declared, used, documented and locked."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conventions import dependencies

# Declared, but never imported by name.
NOT_IMPORTED = {
    "brotli": "found by fastwarc and by our decoder when it is there",
    "lxml-html-clean": "trafilatura imports it",
    "scrapy-playwright": "for pages that need a browser; the step that renders is still to come",
}


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_what_is_imported_is_declared(root: Path) -> None:
    known = names([*dependencies.declared(root), *dependencies.extras(root)])
    assert {k: v for k, v in dependencies.imported(root).items() if k not in known} == {}


def test_what_is_declared_is_imported(root: Path) -> None:
    known = names(dependencies.declared(root))
    assert known - set(dependencies.imported(root)) - set(NOT_IMPORTED) == set()


def test_every_dependency_is_documented(root: Path) -> None:
    page = (root / "docs" / "dependencies.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")]
    told = {canonicalize_name(row[1].strip(" `")) for row in rows if all(row[1:-1])}
    listed = [*dependencies.declared(root), *dependencies.grouped(root, "dev")]
    assert names([*listed, *dependencies.grouped(root, "replay")]) - told == set()


LOCKS = {"requirements.lock": "dev", "requirements-replay.lock": "replay"}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_pinned_hashed_and_names_no_url(root: Path, name: str) -> None:
    assert list(dependencies.breaches((root / name).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_what_is_declared(root: Path, name: str) -> None:
    wanted = dependencies.grouped(root, LOCKS[name])
    if name == "requirements.lock":
        wanted += dependencies.declared(root)
    held = dependencies.locked((root / name).read_text(encoding="utf-8"))
    unmet = [
        str(requirement)
        for requirement in wanted
        if not requirement.specifier.contains(held.get(canonicalize_name(requirement.name), "0"))
    ]
    assert unmet == []


@pytest.mark.parametrize(
    "entry",
    [
        "lxml>=6.1 \\\n    --hash=sha256:00",
        "lxml==6.1.3",
        "--index-" + "url https://example.org/simple",
        "lxml @ https://example.org/lxml.whl \\\n    --hash=sha256:00",
    ],
)
def test_a_planted_breach_of_a_lock_is_told(entry: str) -> None:
    assert list(dependencies.breaches(entry))


def test_a_planted_import_is_found(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "x.py").write_text("import numpy.linalg\nimport os\n")
    assert dependencies.imported(tmp_path) == {"numpy": "archive/x.py"}
