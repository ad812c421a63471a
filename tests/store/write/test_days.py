"""A version has the day that its page prints: when it was published, or else written."""

import pytest
from sqlalchemy import select

from archive.model.reading import Field
from archive.store import Store
from archive.store.schema import version
from tests.store.making import a_portal, a_reading, begin, take, visit

PUBLISHED, WRITTEN = "published_on", "written_on"


def dated(*fields: tuple[str, str | None]) -> tuple[Field, ...]:
    return tuple(Field(name=name, value=value, printed="", origin="x") for name, value in fields)


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        (dated((WRITTEN, "2021-01-01"), (PUBLISHED, "2021-02-03")), "2021-02-03"),
        (dated((WRITTEN, "2021-01-01")), "2021-01-01"),
        (dated((PUBLISHED, None), (WRITTEN, "2021-01-01")), "2021-01-01"),
        (dated((PUBLISHED, None), (PUBLISHED, "2021-02-03 10:00")), "2021-02-03"),
        ((), ""),
    ],
)
def test_it_is_that_of_the_field_that_counts(
    store: Store, fields: tuple[Field, ...], day: str
) -> None:
    [lease] = take(store, begin(store, a_portal()).run_id)
    visit(store, lease, reading=a_reading(fields=fields))
    with store.read() as connection:
        assert connection.scalars(select(version.c.day)).all() == [day]
