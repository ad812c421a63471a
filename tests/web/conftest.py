"""The application on a real socket, over the invented archive."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn

from archive.search.index import open_indexed
from archive.store import Store
from archive.web.app import make_app
from archive.web.serving import listen
from tests.support.invented import fill


@contextmanager
def served(store: Store, *, replay: str | None = None) -> Iterator[httpx.Client]:
    """A client of the application while it runs in a thread."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(make_app(store, replay=replay), log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
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


@pytest.fixture(scope="session")
def client(filled: Path) -> Iterator[httpx.Client]:
    with (
        open_indexed(filled) as store,
        served(store, replay="http://127.0.0.1:8080/archive") as asking,
    ):
        yield asking
