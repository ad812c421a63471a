"""The application on a real socket, over the invented archive."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx
import pytest
import uvicorn

from archive.model.errors import NotFoundError
from archive.model.optical import Certainty
from archive.search.index import open_indexed
from archive.store import Store
from archive.store.query.optical import PictureCapture
from archive.web.app import make_app
from archive.web.serving import listen
from archive.work.corrections.corrections_file import (
    Correction,
    CorrectionsKept,
    add_correction,
)
from archive.work.ingest.covering import cover
from archive.work.query.pictures import Picture
from archive.work.query.show import show
from tests.store.making import NOW
from tests.support import counted
from tests.support.engines import ENGINES, ledger_on
from tests.support.invented import YUNHE, fill, statistics, url
from tests.support.pictures import drawn, see


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The cases of the long run are made while it is collected: whoever leaves it out waits not."""
    if collection_path.name == "test_schemathesis_long.py" and config.option.markexpr == "not slow":
        return True
    return None


# Nobody speaks TLS here, and each client would read all authorities: 56 ms of the processor.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
Draw = Callable[[PictureCapture, int], Picture]


@contextmanager
def served(
    store: Store,
    *,
    replay: str | None = None,
    draw: Draw | None = None,
    corrections: Callable[[], Sequence[Correction]] = tuple,
) -> Iterator[httpx.Client]:
    """A client of the application while it runs in a thread."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            make_app(store, replay=replay, draw=draw, corrections=corrections),
            log_level="error",
            lifespan="off",
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        # Tests share a client: it keeps no language that one of them chose.
        forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=[]))
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=30, cookies=forgetful, verify=PLAIN
        ) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    fill(folder).close()
    return folder


@pytest.fixture(scope="session", params=ENGINES)
def client(request: pytest.FixtureRequest, filled: Path) -> Iterator[httpx.Client]:
    """A client of the invented archive, on each engine."""
    with ledger_on(request.param, filled) as place:
        if request.param != "sqlite":
            fill(place).close()
        with (
            open_indexed(place) as store,
            served(store, replay="http://127.0.0.1:8080/archive") as asking,
        ):
            yield asking


LOST = counted.government("某县人民政府", None)


@pytest.fixture(scope="session", params=ENGINES)
def counted_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """Bodies with figures of some years, one whose place nobody knows, on each engine."""
    with (
        ledger_on(request.param, tmp_path_factory.mktemp("counted")) as place,
        open_indexed(place) as opened,
    ):
        counted.fill(opened, {**counted.REPORTS, (LOST, 2023): {"f21.s3.new/total": "7"}})
        cover(opened, [], now=NOW)
        yield opened


@pytest.fixture(scope="session")
def asking(counted_store: Store) -> Iterator[httpx.Client]:
    """A client of these bodies' pages."""
    with served(counted_store) as client:
        yield client


SCANNED = url(YUNHE, 2021)
SURE = (Certainty.CONFIRMED, Certainty.CONFIRMED, Certainty.UNCONFIRMED, Certainty.CONTRADICTED)


def sure(position: int) -> Certainty:
    return SURE[position % 4]


def draw(capture: PictureCapture, page: int) -> Picture:
    """What the archive would draw; its one capture is of a page of one picture."""
    if page != 1:
        raise NotFoundError("there is no such page")
    return "image/png", drawn("云河县2021年政府信息公开工作年度报告", statistics(61))


@pytest.fixture(scope="session", params=ENGINES)
def scanned_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with ledger_on(request.param, tmp_path_factory.mktemp("scans")) as place:
        fill(place).close()
        with open_indexed(place) as store:
            see(store, SCANNED, sure)
            yield store


@pytest.fixture(scope="session")
def scans(scanned_store: Store) -> Iterator[httpx.Client]:
    with served(scanned_store, draw=draw) as client:
        yield client


@pytest.fixture(scope="session")
def corrected_scans(
    scanned_store: Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[httpx.Client]:
    """The same with two numbers that people corrected, one of them refuted by a sum, and a
    correction of the version before.
    """
    home = tmp_path_factory.mktemp("corrections")
    for number, position in ((None, 0), (None, 3), (1, 5)):
        view = show(scanned_store, SCANNED, number)
        figure = view.parts.figures[position]
        made = Correction(
            id="", url=view.page.key, content_hash=view.version.content_hash,
            indicator=figure.indicator or "", applicant=figure.applicant, printed=figure.printed,
            value=Decimal(99_999), by="李 Wei", reason="the seal hides a digit; " * 20, at=NOW,
        )  # fmt: skip
        add_correction(home, made)
    with served(scanned_store, draw=draw, corrections=CorrectionsKept(home)) as client:
        yield client
