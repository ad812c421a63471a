"""The checker sees every flipped byte and every cut, and ends on any bytes at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.warc.making import check_bytes, packed, shelf


@pytest.fixture(scope="module")
def shelf_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return shelf(tmp_path_factory.mktemp("shelf")).read_bytes()


@settings(max_examples=80)
@given(data=st.data())
def test_every_flipped_byte_is_seen(
    tmp_path_factory: pytest.TempPathFactory, shelf_bytes: bytes, data: st.DataObject
) -> None:
    """But for the gzip header's own time, flags and system: they carry nothing."""
    at = data.draw(st.integers(0, len(shelf_bytes) - 1))
    start = shelf_bytes.rfind(b"\x1f\x8b\x08", 0, at + 1)
    changed = bytearray(shelf_bytes)
    changed[at] ^= data.draw(st.integers(1, 255))
    found = check_bytes(tmp_path_factory.mktemp("flip"), bytes(changed))
    assert found or 3 <= at - start < 10


@settings(max_examples=80)
@given(content=st.binary(max_size=600), gzipped=st.booleans())
def test_any_bytes_are_checked_to_the_end(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, *, gzipped: bool
) -> None:
    folder = tmp_path_factory.mktemp("any")
    content = b"WARC/1.1\r\nContent-Length: 3\r\n" + content
    assert check_bytes(folder, packed(content) + content if gzipped else content)


@settings(max_examples=40)
@given(data=st.data())
def test_every_cut_is_seen(
    tmp_path_factory: pytest.TempPathFactory, shelf_bytes: bytes, data: st.DataObject
) -> None:
    end = data.draw(st.integers(0, len(shelf_bytes) - 1))
    found = check_bytes(tmp_path_factory.mktemp("cut"), shelf_bytes[:end])
    at_border = shelf_bytes[end:].startswith(b"\x1f\x8b\x08")
    assert at_border or any(rule in {"truncated", "empty", "junk"} for _, rule in found)
