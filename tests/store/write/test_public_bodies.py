"""The rows of public bodies."""

from sqlalchemy import select

from archive.model.reading import PublicBody
from archive.store.schema import public_body
from archive.store.write.public_bodies import public_body_ids
from tests.support.transactions import commit, fetch


def test_bodies_are_numbered_in_the_order_in_which_they_come(store):
    bodies = [PublicBody(name=f"{each}局", division=None, kind="office") for each in "财审税教民水"]
    ids = commit(store, lambda connection: public_body_ids(connection, iter([*bodies, bodies[0]])))
    assert [ids[each] for each in bodies] == sorted(ids.values())
    again = commit(store, lambda connection: public_body_ids(connection, bodies[::-1]))
    assert again == ids
    assert len(fetch(store, lambda connection: connection.execute(select(public_body)).all())) == 6
