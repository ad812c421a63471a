"""What machines ask: whether the server is well, and its numbers; and the page of a run."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from prometheus_client.parser import text_string_to_metric_families

from archive.store import Store
from archive.web.app import make_app
from archive.web.monitoring import Monitoring
from archive.web.serving import listen
from archive.work.health.metrics import GAUGES, exposition, measure
from archive.work.home import Home
from tests.store.making import NOW


@contextmanager
def watched(filled: Path, **options: object) -> Iterator[httpx.Client]:
    """A client of a server with these options of monitoring."""
    listening = listen("127.0.0.1", 0)
    with Store.open(filled, read_only=True) as store:
        monitoring = Monitoring(
            measure=lambda store: exposition(measure(store, Home(filled), now=NOW, min_free=1)),
            **options,  # type: ignore[arg-type]  # as the test names them
        )
        app = make_app(store, monitoring=monitoring)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        with httpx.Client(base_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as client:
            yield client
        server.should_exit = True
        thread.join()
    listening.close()


def test_on_this_machine_the_numbers_are_open(filled: Path) -> None:
    with watched(filled) as client:
        answer = client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert len(list(text_string_to_metric_families(answer.text))) == len(GAUGES)
        assert client.get("/healthz").json() == {"status": "good"}
        assert client.post("/metrics").status_code == 405
        assert client.get("/metrics", headers={"Host": "x.example"}).status_code == 421


def test_a_ledger_that_was_renamed_away_is_not_well(filled: Path, tmp_path: Path) -> None:
    home = shutil.copytree(filled, tmp_path / "home")
    with watched(home) as client:
        assert client.get("/healthz").status_code == 200
        (home / "archive.sqlite").rename(home / "elsewhere")
        assert (client.get("/healthz").status_code, client.get("/healthz").json()) == (
            503,
            {"status": "bad"},
        )


def test_a_public_server_gives_its_numbers_to_who_has_the_token(filled: Path) -> None:
    with watched(filled, token="s3cr3t", is_open=False) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 401
        for wrong in ("Bearer x", "Basic s3cr3t", "Bearer", "s3cr3t", "Bearer é"):
            given = {"Authorization": wrong.encode()}
            assert client.get("/metrics", headers=given).status_code == 401
        given = {"Authorization": b"Bearer s3cr3t"}
        assert client.get("/metrics", headers=given).status_code == 200


def test_a_public_server_without_a_token_has_no_numbers(filled: Path) -> None:
    with watched(filled, is_open=False) as client:
        assert client.get("/metrics").status_code == 404


def test_a_server_whose_ledger_is_gone_is_not_well(filled: Path, tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes((filled / "archive.sqlite").read_bytes())
    with watched(tmp_path) as client:
        (tmp_path / "archive.sqlite").write_bytes(b"x" * 8_000)
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "bad"})


@pytest.mark.parametrize(("language", "words"), [("en", "New reports ("), ("zh", "新增报告 (")])
def test_a_run_has_a_page(client: httpx.Client, language: str, words: str) -> None:
    assert 'href="/run/1"' in client.get("/runs").text
    answer = client.get(f"/run/1?lang={language}")
    assert answer.status_code == 200
    assert words in answer.text
    assert client.get("/run/2").text.count("pill change-figure") == 1


@pytest.mark.parametrize(("path", "status"), [("/run/99", 404), ("/run/0", 400), ("/run/x", 400)])
def test_a_run_that_is_not_there_is_named(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status
