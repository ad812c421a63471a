"""The pictures that files hold which are no pictures themselves."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from archive.reading.files.docx import docx_pictures
from archive.reading.files.ofd import ofd_pictures

HELD: Final[Mapping[str, Callable[[bytes], Iterator[bytes]]]] = MappingProxyType(
    {"docx": docx_pictures, "ofd": ofd_pictures}
)
"""By the kind of the file: its pictures in the order in which it shows them; RefusedError."""
