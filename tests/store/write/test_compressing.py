"""Tables and checks under the dictionary; what older code stored without one stays readable."""

import hashlib
from importlib import resources

import pytest
import zstandard

from archive.model.errors import DamageError
from archive.store.write.compressing import compress, decompress
from archive.store.write.packed import pack_reading, unpack_held
from archive.store.write.texts import unpack_tables
from tests.store.making import a_full_reading

LABELS = "行政许可 行政处罚 行政强制 自然人 法人或其他组织 商业企业 科研机构".encode()


def test_the_dictionary_stays_as_rows_were_written_with_it() -> None:
    content = resources.files("archive.store.write").joinpath("reports-1.zdict").read_bytes()
    assert hashlib.sha256(content).hexdigest() == (
        "020550e70fcf5a057ce5091aceb4faf9e8af1c79dd2cf5b5575abc3d2fd78a27"
    )


@pytest.mark.parametrize("plain", [b"", LABELS, bytes(range(256)) * 300])
def test_what_was_compressed_comes_back(plain: bytes) -> None:
    assert decompress(compress(plain), max_bytes=len(plain) or 1) == plain


def test_what_older_code_compressed_is_read() -> None:
    assert decompress(zstandard.compress(LABELS, 3), max_bytes=1000) == LABELS


@pytest.mark.parametrize("sized", [True, False])
def test_nothing_longer_than_the_limit_comes_out(sized: bool) -> None:  # noqa: FBT001
    bomb = zstandard.ZstdCompressor(write_content_size=sized).compress(bytes(10_000))
    with pytest.raises(zstandard.ZstdError):
        decompress(bomb, max_bytes=9_999)


def test_a_frame_with_another_dictionary_is_damage() -> None:
    other = zstandard.train_dictionary(1024, [b"%d abc %d" % (n, n) for n in range(4000)])
    packed = zstandard.ZstdCompressor(dict_data=other).compress(b"[]" * 100)
    with pytest.raises(DamageError):
        unpack_held(packed)
    with pytest.raises(DamageError):
        unpack_tables("zstd", packed)


def test_tables_and_checks_of_a_reading_come_back() -> None:
    reading = a_full_reading()
    packed = pack_reading(reading)
    assert unpack_tables(packed.codec, packed.tables) == reading.tables
    assert [each.rule for _, each in unpack_held(packed.held)] == ["R8"]
