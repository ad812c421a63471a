"""Labelled digests ("sha1:…", "sha256:…") in base32 or hex, as other people's files have them."""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

from archive.model.errors import WarcError

_LABELLED = re.compile(r"([A-Za-z0-9-]{2,12}):([A-Za-z0-9+/_=-]{16,160})")
_SIZES = {"md5": 16, "sha1": 20, "sha256": 32, "sha384": 48, "sha512": 64}


class Hash(Protocol):
    """What hashlib gives."""

    def update(self, data: bytes | memoryview, /) -> None:
        """Takes more bytes in."""

    def digest(self) -> bytes:
        """The digest of all bytes so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A digest that was read from a header: lower-case algorithm and raw value."""

    algorithm: str
    value: bytes

    def hasher(self) -> Hash:
        """A fresh hash of this algorithm."""
        return hashlib.new(self.algorithm, usedforsecurity=False)

    def fits(self, content: bytes | memoryview) -> bool:
        """Whether `content` has this digest."""
        hasher = self.hasher()
        hasher.update(content)
        return hasher.digest() == self.value


def parse_digest(text: str) -> Digest:
    """A labelled digest. Base32 (usual) and hex (section 5.8 leaves it open) are distinguished by
    their length. Raises WarcError when it is neither, or the algorithm is not known.

    >>> parse_digest("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ").algorithm
    'sha1'
    """
    match = _LABELLED.fullmatch(text.strip())
    algorithm = match[1].lower().replace("-", "") if match else ""
    size = _SIZES.get(algorithm)
    if match is None or size is None:
        raise WarcError(f"digest {text[:100]!r} cannot be read")
    value = _raw(match[2], size)
    if value is None:
        raise WarcError(f"digest {text[:100]!r} has not the length of {algorithm}")
    return Digest(algorithm=algorithm, value=value)


def _raw(text: str, size: int) -> bytes | None:
    bare = text.rstrip("=")
    try:
        if len(bare) == 2 * size:
            return bytes.fromhex(bare)
        padded = bare.upper() + "=" * (-len(bare) % 8)
        value = base64.b32decode(padded)
    except (ValueError, binascii.Error):
        return None
    return value if len(value) == size else None
