"""One archive that was crawled twice, for bundles and copies of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.cli import main
from tests.support.bundle import InProcess, Wacz, crawl_twice
from tests.support.command import Gongkai
from tests.support.rawserver import RawServer, raw_server


@pytest.fixture(scope="session")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gongkai, RawServer]]:
    with raw_server() as server:
        yield crawl_twice(tmp_path_factory.mktemp("crawled") / "home", server), server


@pytest.fixture
def bundled_home(crawled: tuple[Gongkai, RawServer]) -> Path:
    return crawled[0].home


@pytest.fixture
def url(crawled: tuple[Gongkai, RawServer]) -> str:
    return crawled[1].url


@pytest.fixture
def wacz(bundled_home: Path, tmp_path: Path) -> Wacz:
    """Makes a bundle and gives its path."""

    def make(*arguments: str, status: int = 0, output: str = "x.wacz") -> Path:
        path = tmp_path / output
        assert main(["wacz", "-o", str(path), *arguments, "--home", str(bundled_home)]) == status
        return path

    return make


@pytest.fixture
def own(bundled_home: Path, tmp_path: Path) -> Gongkai:
    return InProcess(shutil.copytree(bundled_home, tmp_path / "own"))
