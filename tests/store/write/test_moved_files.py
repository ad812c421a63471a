"""Where the ledger says that WARC files lie."""

from dataclasses import replace
from datetime import UTC, datetime

from archive.store import Store
from archive.store.write.captures import file_ids
from archive.store.write.moved_files import FilePlace, file_places, note_place
from tests.support.transactions import commit, fetch

AT = datetime(2026, 3, 2, tzinfo=UTC)


def test_a_file_is_noted_where_it_lies_and_back(store: Store) -> None:
    commit(store, file_ids, {"b.warc.gz": 7, "a.warc.gz": 5}, [])
    here = FilePlace(name="a.warc.gz", size_bytes=5)
    there = replace(here, location="s3://reports/warc", sha256="ab" * 32, moved_at=AT)
    other = FilePlace(name="b.warc.gz", size_bytes=7)
    assert fetch(store, file_places) == [here, other]
    assert fetch(store, file_places, ["b.warc.gz", "c.warc.gz"]) == [other]
    commit(store, note_place, here, there)
    assert fetch(store, file_places) == [there, other]
    commit(store, file_ids, {"a.warc.gz": 5}, [])
    assert fetch(store, file_places) == [there, other], "what grows notes its end alone"
    commit(store, note_place, here, replace(there, sha256=None))
    assert fetch(store, file_places) == [there, other], "another process has moved it meanwhile"
    commit(store, note_place, there, here)
    assert fetch(store, file_places) == [here, other]
