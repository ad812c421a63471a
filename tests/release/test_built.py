"""Wheel and source distribution hold what they must, and what is looked at bites."""

import re
from pathlib import Path

import pytest

from tests.release import built as release


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> release.Built:
    return release.build(root, tmp_path_factory.mktemp("dist"))


def test_what_is_built_can_be_given_away(root: Path, built: release.Built) -> None:
    assert release.complaints(root, built) == []


def test_a_file_that_is_missing_or_too_much_is_told(root: Path, built: release.Built) -> None:
    names = release.wheel_names(built.wheel) - {"archive/store/views/pages.sql"} | {
        "tests/conftest.py"
    }
    assert list(release.wheel_complaints(root, names)) == [
        "the wheel lacks archive/store/views/pages.sql",
        "the wheel has tests/conftest.py",
    ]


def test_a_source_distribution_without_its_tests_is_told(root: Path, built: release.Built) -> None:
    names = release.sdist_names(built.sdist) - {"tests/conftest.py"}
    assert list(release.sdist_complaints(root, names)) == ["the sdist lacks tests/conftest.py"]


@pytest.mark.parametrize(
    ("line", "planted"),
    [
        (rb"^Version: .*$", b"Version: 9.9"),
        (rb"^Version: .*$", b"Version: one"),
        (rb"^License-Expression: .*$", b"License-Expression: Apache"),
        (rb"^Description-Content-Type: .*$", b"Description-Content-Type: text/plain"),
        (rb"^License-Expression: .*\n", b""),
    ],
)
def test_metadata_that_an_index_would_refuse_is_told(
    root: Path, built: release.Built, line: bytes, planted: bytes
) -> None:
    changed = re.sub(line, planted, release.metadata_of(built.wheel), flags=re.MULTILINE)
    assert list(release.metadata_complaints(root, changed))


def test_the_version_stands_in_one_place(root: Path) -> None:
    """Code asks the installed package for it. AUTH_VERSION is that of a specification."""
    version = release.version_of(root)
    spelled = re.compile(rf"""["']{re.escape(version)}["']""")
    code = [p for f in ("archive", "crawler", "settings") for p in (root / f).rglob("*.py")]
    lines = [line for path in code for line in path.read_text("utf-8").splitlines()]
    found = [line for line in lines if spelled.search(line)]
    assert [line for line in found if not line.startswith("AUTH_VERSION")] == []


@pytest.mark.parametrize(
    ("changelog", "told"),
    [
        ("## [Unreleased]\n\n## [0.2.0] - 2026-12-01\n\n## [0.1.0] - 2026-11-01\n", True),
        ("## [Unreleased]\n\n## [0.1.0] - 2026-11-01\n", False),
        ("## [Unreleased]\n", False),
        ("## [0.2.0]\n", False),
    ],
)
def test_a_release_has_its_heading_with_a_day_in_the_changelog(
    changelog: str, *, told: bool
) -> None:
    assert release.is_in_the_changelog(changelog, "0.2.0") is told
