"""Codings that no header names."""

import zlib

import pytest
import zstandard

from archive.model.errors import MessageError
from tests.warc.test_message import HTML, answer, bomb, zipped


@pytest.mark.parametrize(
    ("body", "names"),
    [
        (zstandard.compress(HTML), "zstd"),
        (zlib.compress(HTML), "zlib"),
        (zstandard.compress(zipped(HTML)), "zstd, gzip"),
    ],
)
def test_other_codings_that_no_header_names_are_unpacked(body: bytes, names: str) -> None:
    entity = answer(b"Content-Type: text/html", body=body).entity()
    assert (entity.body, entity.damage) == (HTML, None)
    assert entity.remark == f"{names} that no header names was unpacked"


def test_unannounced_bombs_are_refused() -> None:
    with pytest.raises(MessageError, match="inflates beyond"):
        answer(b"Content-Type: text/html", body=bomb(b"gzip")).entity()
