"""Archives with real WARC files, made in this process."""

import shutil
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from archive.store import Store
from archive.work.health.result import Subject
from archive.work.home import Home
from archive.work.imports import importing
from tests.support.command import gongkai
from tests.warc.making import answer
from tests.work.imports.conftest import HereReaders
from tests.work.imports.making import page, response, taken_in, written
from tests.work.preservation.seal.archives import change, seal

__all__ = ["gongkai"]
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
NOW = AT + timedelta(days=1)
HOSTS = ("chengxi", "yunhe", "qingshan", "dongli")


def captures(folder: Path) -> Path:
    """A report of each host, with the Date of its capture."""
    date = b"Date: " + format_datetime(AT, usegmt=True).encode()
    records = [
        response(
            answer(page(number), date), url=f"http://www.{host}.gov.cn/nb/2023.html",
            at=f"{AT:%Y-%m-%dT%H:%M:%SZ}",
        )
        for number, host in enumerate(HOSTS, 1)
    ]  # fmt: skip
    return written(folder / "their.warc.gz", *records)


def crawled(home: Path, folder: Path) -> Path:
    """An archive as if it had crawled these hosts itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "Readers", HereReaders)
        taken_in(home, captures(folder), everything=True)
    change(home, "UPDATE run SET mode = 'due'")
    return home


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sealed archive of four hosts."""
    folder = tmp_path_factory.mktemp("kept")
    home = crawled(folder / "home", folder)
    seal(home)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "home")


def subject(home: Path, **changes: object) -> Subject:
    facts: dict[str, object] = {"home": Home(home), "place": home, "store": None, "now": NOW}
    return Subject(**facts | changes)  # type: ignore[arg-type]  # as the test names them


def opened(home: Path, **changes: object) -> Subject:
    """The same with its ledger."""
    return subject(home, store=Store.open(home, read_only=True), **changes)
