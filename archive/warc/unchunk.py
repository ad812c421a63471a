"""The chunks taken off a body that is too large to be held: digested as it passes."""

from archive.warc.digest import Digest

_MAX_LINE_BYTES = 16 * 1024


class Unchunked:
    """`add` the body piece by piece; then `fits` is whether it has a digest without chunks."""

    def __init__(self, digest: Digest) -> None:
        self._digest = digest
        self._hash = digest.hasher()
        self._buffer = bytearray()
        self._left = 0
        self._ended = False
        self._broken = False

    def add(self, piece: bytes) -> None:
        """Takes the next piece in; what stands behind the last chunk (trailers) is left out."""
        if self._is_over():
            return
        self._buffer += piece
        while self._buffer and not self._is_over():
            if not (self._take_content() if self._left else self._take_line()):
                break
        if self._is_over():
            self._buffer.clear()

    def fits(self) -> bool:
        """False also where the chunks are cut or damaged: nobody knows what the body is."""
        return self._ended and not self._broken and self._hash.digest() == self._digest.value

    def _is_over(self) -> bool:
        return self._ended or self._broken

    def _take_content(self) -> bool:
        content = bytes(self._buffer[: self._left])
        del self._buffer[: len(content)]
        self._hash.update(content)
        self._left -= len(content)
        return True

    def _take_line(self) -> bool:
        """A chunk's size, or the empty line behind a chunk; False until its end has come."""
        end = self._buffer.find(b"\n", 0, _MAX_LINE_BYTES)
        if end < 0:
            self._broken = len(self._buffer) >= _MAX_LINE_BYTES
            return False
        line = bytes(self._buffer[:end]).partition(b";")[0].strip()
        del self._buffer[: end + 1]
        try:
            self._left = int(line, 16) if line else 0
        except ValueError:
            self._broken = True
            return False
        self._ended = bool(line) and self._left == 0
        self._broken = self._left < 0
        return True
