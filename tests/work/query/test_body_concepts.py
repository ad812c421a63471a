"""All concepts of a body at once are those that are asked for one by one."""

import pytest

from archive.codebook.indicators import concepts
from archive.store import Store
from archive.work.query.body_concepts import concepts_of_body
from archive.work.query.series import ask, body_series, values_of
from tests.store import conftest as ledgers
from tests.support import counted

# A fresh ledger for every test, on both engines.
location, made_home, store = ledgers.location, ledgers.made_home, ledgers.store


@pytest.fixture
def filled(store: Store) -> Store:
    counted.fill(store)
    return store


def test_every_number_is_that_of_the_series(filled: Store) -> None:
    with filled.read() as connection:
        bodies = {each.body_id for each in values_of(connection, ask("requests_answered"))}
        assert bodies
        for body_id in bodies:
            each = {key: body_series(connection, ask(key), body_id) for key in concepts()}
            singly = {
                key: years
                for key, years in each.items()
                if any(year.number is not None for year in years)
            }
            assert singly
            assert concepts_of_body(connection, body_id) == singly


def test_a_body_without_reports_has_none(store: Store) -> None:
    with store.read() as connection:
        assert concepts_of_body(connection, 1) == {}
