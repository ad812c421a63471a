"""Which versions the seals of a chain name, for who seals and looks at all of them every night: an
archive has hundreds of thousands.
"""

from array import array
from typing import Final

from archive.work.preservation.seal.manifest import SealedVersion

_READER_BITS: Final = 8
_READERS: Final = (1 << _READER_BITS) - 1
_WORD: Final = (1 << 64) - 1
_FIRST_SIZE: Final = 1024
_NOTHING: Final = 0  # no version has this word


class Readings:
    """Which versions seals name, by which code they were read and from which record: two words of
    64 bits each, in a table of which at most two thirds are taken.
    """

    def __init__(self) -> None:
        self._places = array("Q", bytes(8 * _FIRST_SIZE))
        self._known = array("Q", bytes(8 * _FIRST_SIZE))
        self._count = 0
        self._readers: list[str] = []

    def __contains__(self, place: tuple[str, int]) -> bool:
        return self._places[self._slot(_word(place))] != _NOTHING

    def note(self, version: SealedVersion) -> None:
        """Of two that name one version the later counts."""
        if version.reader not in self._readers:
            self._readers.append(version.reader)
        record = _record(version.warc_file, version.warc_offset)
        self._put(
            _word((version.url, version.version)), record | self._readers.index(version.reader)
        )

    def reader_of(self, place: tuple[str, int]) -> str:
        """By which code it was read. KeyError: no seal names it."""
        return self._readers[self._of(place) & _READERS]

    def is_from(self, place: tuple[str, int], warc_file: str, warc_offset: int) -> bool:
        """Whether it was read from this record. KeyError: no seal names it."""
        return self._of(place) & ~_READERS == _record(warc_file, warc_offset)

    def _of(self, place: tuple[str, int]) -> int:
        slot = self._slot(_word(place))
        if self._places[slot] == _NOTHING:
            raise KeyError(place)
        return self._known[slot]

    def _slot(self, word: int) -> int:
        """Where a version stands, or would."""
        places, last = self._places, len(self._places) - 1
        slot = word & last
        while (found := places[slot]) != word and found != _NOTHING:
            slot = slot + 1 & last
        return slot

    def _put(self, word: int, known: int) -> None:
        slot = self._slot(word)
        if self._places[slot] == _NOTHING:
            if 3 * (self._count + 1) > 2 * len(self._places):
                self._grow()
                slot = self._slot(word)
            self._count += 1
        self._places[slot], self._known[slot] = word, known

    def _grow(self) -> None:
        """Twice the room."""
        before, size = (self._places, self._known), 8 * 2 * len(self._places)
        self._places, self._known = array("Q", bytes(size)), array("Q", bytes(size))
        for word, known in zip(*before, strict=True):
            if word != _NOTHING:
                slot = self._slot(word)
                self._places[slot], self._known[slot] = word, known


def _word(place: tuple[str, int]) -> int:
    return hash(place) & _WORD or 1


def _record(warc_file: str, warc_offset: int) -> int:
    """Leaves room for the reader."""
    return hash((warc_file, warc_offset)) & _WORD & ~_READERS
