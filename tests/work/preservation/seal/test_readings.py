"""What a sealing remembers of all versions that seals name."""

import random
import tracemalloc

import pytest

from archive.work.preservation.seal.manifest import SealedVersion
from archive.work.preservation.seal.readings import Readings


def version(number: int, reader: str = "1", at: int = 0) -> SealedVersion:
    return SealedVersion(
        url=f"http://www.x.gov.cn/{number}.htm", version=number % 3 + 1, reader=reader,
        warc_file="a.warc.gz", warc_offset=at, sha256="",
    )  # fmt: skip


def test_of_two_that_name_one_version_the_later_counts() -> None:
    readings, chance, last = Readings(), random.Random(1), dict[tuple[str, int], SealedVersion]()
    for at in range(20_000):
        each = version(chance.randrange(9_000), chance.choice("123"), at)
        readings.note(each)
        last[each.url, each.version] = each
    for place, each in last.items():
        assert place in readings
        assert readings.reader_of(place) == each.reader
        assert readings.is_from(place, each.warc_file, each.warc_offset)
        assert not readings.is_from(place, each.warc_file, each.warc_offset + 1)
    stranger = ("http://www.x.gov.cn/1.htm", 9)
    assert stranger not in readings
    with pytest.raises(KeyError):
        readings.reader_of(stranger)


def test_a_version_costs_some_tens_of_bytes() -> None:
    readings, count = Readings(), 43_000
    tracemalloc.start()
    try:
        for number in range(count):
            readings.note(version(number, at=number))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept / count < 60
