"""Under load: slow questions end, wait in their lane, and never stand before quick ones."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from archive.model.errors import UsageError
from archive.web import app
from archive.web.guards import Rates
from archive.web.request_parameters import Asked
from archive.web.routes import Answered, ApiRoute
from archive.web.serving import Listening, listen, server_of
from archive.work.open_archive import open_for_serving
from tests.web.conftest import PLAIN

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
CLIENTS = 50
NAMES = ("reports.example.org",)
get = partial(httpx.get, verify=PLAIN)


def endless(queries: object, _asked: Asked) -> Answered:
    with queries.store.read() as connection:  # type: ignore[attr-defined]
        return {"rows": connection.execute(text(ENDLESS)).scalar()}


@contextmanager
def serving(
    place: Path,
    *,
    within_s: float = 2,
    per_minute: int = 0,
    hosts: tuple[str, ...] = (),
    proxies: tuple[str, ...] = (),
) -> Iterator[str]:
    """A server over the archive at `place` as `gongkai serve` runs it, public where it has names."""
    listening = Listening(
        port=0, public=bool(hosts), hosts=hosts, proxies=proxies, per_minute=per_minute
    )
    taken = listen(listening.host, listening.port)
    with open_for_serving(place, within_s=within_s) as store:
        server = server_of(store, listening=listening, replay=None, crawling=lambda: False)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
            taken.close()


@pytest.fixture
def slow_route(monkeypatch: pytest.MonkeyPatch) -> None:
    route = ApiRoute(path="/api/endless", answer=endless, summary="", slow=True)
    monkeypatch.setattr(app, "API_ROUTES", (*app.API_ROUTES, route))


def together(ask: Callable[[int], None]) -> list[threading.Thread]:
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for each in threads:
        each.start()
    return threads


@pytest.mark.usefixtures("slow_route")
def test_quick_answers_come_quickly_while_fifty_clients_ask_slow_ones(filled: Path) -> None:
    ended: Counter[int] = Counter()
    stop = threading.Event()

    def ask(number: int) -> None:
        with httpx.Client(timeout=30, verify=PLAIN) as client:
            while not stop.is_set():
                path = "/api/endless" if number % 2 else f"/api/search?q=复议&limit={number + 1}"
                answer = client.get(base + path)
                ended[answer.status_code] += 1
                if answer.status_code >= 500:
                    assert int(answer.headers["retry-after"]) > 0
                    assert set(answer.json()) == {"error"}

    with serving(filled, within_s=0.6) as base:
        threads = together(ask)
        time.sleep(0.5)
        took = []
        with httpx.Client(timeout=30, verify=PLAIN) as client:
            for _ in range(21):
                began = time.monotonic()
                assert client.get(f"{base}/api/runs").status_code == 200
                took.append(time.monotonic() - began)
        stop.set()
        for each in threads:
            each.join()
    assert {*ended} == {200, 503}, ended
    # The goal is 200 ms on a quiet machine; other tests run beside this one.
    assert sorted(took)[len(took) // 2] < 1.0


@pytest.mark.usefixtures("slow_route")
def test_a_client_waits_for_so_many_slow_answers_and_no_more(filled: Path) -> None:
    ended: Counter[int] = Counter()

    def ask(_: int) -> None:
        answer = get(f"{base}/api/endless", timeout=30)
        ended[answer.status_code] += 1
        assert int(answer.headers["retry-after"]) > 0

    with serving(filled, within_s=0.2, hosts=NAMES) as base:
        for each in together(ask):
            each.join()
    assert ended[429] >= CLIENTS - 20
    assert ended[503] >= 1


def test_a_public_server_names_nothing_of_its_machine(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise app.GongkaiError(f"{filled}: cannot be read")

    monkeypatch.setattr(app.Queries, "runs", broken)
    for hosts in (NAMES, ()):
        with serving(filled, hosts=hosts) as base:
            answer = get(f"{base}/api/runs")
            assert answer.status_code == 503
            assert (str(filled) in answer.text) is not bool(hosts)


def test_hosts_that_are_named_are_answered_and_no_others(filled: Path) -> None:
    with serving(filled, hosts=NAMES) as base:
        for host, status in (("reports.example.org", 200), ("Reports.example.org:8000", 200),
                             ("127.0.0.1", 200), ("evil.example", 421)):  # fmt: skip
            assert get(f"{base}/api/runs", headers={"Host": host}).status_code == status


def test_a_proxy_is_believed_only_when_told(filled: Path) -> None:
    headers = {"Host": NAMES[0], "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.9"}

    def server(base: str) -> str:
        told = get(f"{base}/api/openapi.json", headers=headers).json()
        return told["servers"][0]["url"]

    with serving(filled, hosts=NAMES, proxies=("127.0.0.1",), per_minute=3) as base:
        assert server(base) == "https://reports.example.org"
        assert get(f"{base}/api/runs", headers=headers).status_code == 429
        headers["X-Forwarded-For"] = "203.0.113.1, 192.0.2.10"  # the proxy added the last
        assert get(f"{base}/api/runs", headers=headers).status_code == 200
    with serving(filled, hosts=NAMES, per_minute=6) as base:
        assert server(base) == "http://reports.example.org"
        headers["X-Forwarded-For"] = "192.0.2.11"
        assert get(f"{base}/api/runs", headers=headers).status_code == 200
        assert get(f"{base}/api/runs", headers=headers).status_code == 429


def test_a_client_that_asks_too_often_waits(filled: Path) -> None:
    with serving(filled, per_minute=3) as base:
        assert get(f"{base}/api/runs").status_code == 200
        refused = get(f"{base}/api/runs")
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert set(refused.json()) == {"error"}


def test_a_bucket_fills_as_time_goes_and_networks_count_as_one() -> None:
    now = [0.0]
    rates = Rates(60, clock=lambda: now[0])
    assert [rates.wait_s("192.0.2.1") for _ in range(20)] == [0.0] * 20
    assert rates.wait_s("192.0.2.1") == pytest.approx(1)
    assert rates.wait_s("192.0.2.2") == 0
    now[0] = 1.0
    assert rates.wait_s("192.0.2.1") == 0
    for _ in range(20):
        rates.wait_s("2001:db8::1")
    assert rates.wait_s("2001:db8::ffff") > 0
    assert rates.wait_s("2001:db8:0:1::1") == 0
    assert rates.wait_s("no address") == 0


def test_clients_that_came_long_ago_are_forgotten() -> None:
    rates = Rates(60)
    for number in range(10_050):
        rates.wait_s(f"10.0.{number // 250}.{number % 250}")
    assert len(rates._buckets) == 10_000


@pytest.mark.parametrize(
    "listening",
    [
        Listening(port=0, host="0.0.0.0"),
        Listening(port=0, host="192.0.2.1"),
        Listening(port=0, hosts=("x.example",)),
        Listening(port=0, proxies=("127.0.0.1",)),
        Listening(port=0, public=True),
        Listening(port=0, public=True, hosts=("http://x.example",)),
        Listening(port=0, public=True, hosts=("*",)),
        Listening(port=0, public=True, hosts=("*.example",)),
    ],
)
def test_a_server_is_not_opened_by_mistake(listening: Listening) -> None:
    with pytest.raises(UsageError, match="--"):
        listening.check()


@pytest.mark.parametrize(
    "listening",
    [
        Listening(port=0),
        Listening(port=0, host="::1"),
        Listening(port=0, host="localhost"),
        Listening(port=0, public=True, hosts=("x-1.example",), proxies=("127.0.0.1",)),
        Listening(port=0, public=True, hosts=("[2001:db8::1]",), host="0.0.0.0"),
    ],
)
def test_a_server_is_opened_on_purpose(listening: Listening) -> None:
    listening.check()
