"""Pages whose URL or POST body is long: PostgreSQL's indexes refuse what SQLite's take."""

import random
import string

import pytest

from archive.model.outcome import Role
from archive.model.reading import Field, Link
from archive.model.url import key_of
from archive.store import Store
from archive.store.frontier.enqueue import Found, schedule_found
from archive.store.query.questions import page_at
from tests.store.making import NOW, a_reading, begin, take, visit


def noise(length: int, seed: int = 1) -> str:
    """Text that no engine can compress."""
    chance = random.Random(seed)
    return "".join(chance.choices(string.ascii_letters + string.digits, k=length))


def found(url: str, body: str | None = None) -> Found:
    method = "GET" if body is None else "POST"
    link = Link(url=url, text="", role=Role.LIST, method=method, body=body)
    return Found(link=link, portal_key="jiashan", depth=1, hops=())


@pytest.mark.parametrize("length", [1_000, 1_999, 2_700, 60_000])
def test_long_urls_and_posts_are_pages_like_others(store: Store, length: int) -> None:
    run_id = begin(store).run_id
    many = [
        found(f"http://x.example/?q={noise(length)}"),
        found(f"http://x.example/?q={noise(length)}b"),
        found("http://x.example/list", noise(length)),
        found("http://x.example/list", noise(length, seed=2)),
    ]
    with store.write() as connection:
        ids, scheduled = schedule_found(connection, run_id, many, full=False, now=NOW)
    assert len(set(ids.values())) == len(scheduled) == 4
    with store.write() as connection:
        assert schedule_found(connection, run_id, many, full=False, now=NOW) == (ids, set())
    leased = {(lease.url, lease.body) for lease in take(store, run_id)}
    assert leased >= {(each.link.url, each.link.body) for each in many}
    with store.read() as connection:
        page = page_at(connection, many[0].link.url)
    assert page is not None


@pytest.mark.parametrize("length", [10, 2_000, 2_001, 50_000])
def test_a_key_is_its_own_key(length: int) -> None:
    key = key_of(f"http://x.example/?q={'年' * length}")
    assert key_of(key) == key
    assert len(key.encode()) <= 2_000


def test_a_long_header_value_is_stored(store: Store) -> None:
    run_id = begin(store).run_id
    [lease] = take(store, run_id)
    fields = (Field(name="agency", value=noise(9_000), printed="", origin="header"),)
    visit(store, lease, reading=a_reading(fields=fields))
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT length(value) FROM field").scalar() == 9_000
