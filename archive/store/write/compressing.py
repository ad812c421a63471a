"""Compression of what is alike on every report: the tables of a form, and its checks that hold.

A report's tables are a few kilobytes of labels that every report of the form has, around numbers of
its own. Zstandard takes such labels from a dictionary (RFC 8878 section 5): tables then take a
seventh of the room, checks a third. What was compressed names its dictionary; what older code
stored names none.
"""

from functools import cache
from importlib import resources
from typing import Final

import zstandard

_LEVEL: Final = 3
# Made by bench/dictionary.py. Rows name it by its id: it stays as it is for ever.
_DICTIONARY: Final = "reports-1.zdict"


def compress(plain: bytes) -> bytes:
    """The compressed bytes."""
    return zstandard.ZstdCompressor(level=_LEVEL, dict_data=_dictionary()).compress(plain)


def decompress(packed: bytes, *, max_bytes: int) -> bytes:
    """What was compressed; zstandard.ZstdError when it cannot be read, or is longer."""
    frame = zstandard.get_frame_parameters(packed)
    size = frame.content_size
    if zstandard.CONTENTSIZE_ERROR > size > max_bytes:  # a size in the frame counts for zstandard
        raise zstandard.ZstdError(f"it would be {size:,} bytes long")
    engine = zstandard.ZstdDecompressor(dict_data=_dictionary() if frame.dict_id else None)
    return engine.decompress(packed, max_output_size=max_bytes)


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    content = resources.files("archive.store.write").joinpath(_DICTIONARY).read_bytes()
    made = zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_FULLDICT)
    made.precompute_compress(level=_LEVEL)
    return made
