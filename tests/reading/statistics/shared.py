"""The material beside the repository; tests that need it are skipped where it is absent."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def shared_folder() -> Path:
    """The folder with saved pages, or a skip that says what is missing."""
    folder = Path(os.environ.get("GONGKAI_SHARED") or REPOSITORY.parent / "shared")
    if not (folder / "pages").is_dir():
        pytest.skip(f"saved pages are not at {folder}")
    return folder
