"""Bytes in the dress of a file, for libraries that read nothing else. No file is opened here."""

from io import BytesIO


def as_file(body: bytes) -> BytesIO:
    """A readable view of bytes that are in memory already."""
    return BytesIO(body)
