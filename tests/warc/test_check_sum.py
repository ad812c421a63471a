"""A gzip body whose check sum belies it."""

import pytest

from tests.warc.test_message import HTML, answer, zipped


@pytest.mark.parametrize("at", [-1, -8])
def test_a_wrong_check_sum_behind_whole_data_loses_none(at: int) -> None:
    body = bytearray(zipped(HTML))
    body[at] ^= 0xFF
    entity = answer(b"Content-Encoding: gzip", body=bytes(body)).entity()
    assert (entity.body, entity.is_cut) == (HTML, True)
    assert "check" in (entity.damage or "")


def test_damaged_data_are_no_wrong_check_sum() -> None:
    body = bytearray(zipped(HTML))
    body[20] ^= 0xFF
    entity = answer(b"Content-Encoding: gzip", body=bytes(body)).entity()
    assert entity.damage
    assert not entity.is_cut
