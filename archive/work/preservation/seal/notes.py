"""The seals of each archive, noted beside the key and so outside of the archive: those that are
removed from its end are missed. One line a seal: the archive's id, the number, the SHA-256.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from archive.model.errors import CannotRunError
from archive.work.preservation.seal.keys import KEY_VARIABLE

_SUFFIX: Final = ".heads"
_NOTE: Final = re.compile(r"\A(\S+) ([1-9][0-9]{0,8}) ([0-9a-f]{64})")


def notes_of_key() -> Path | None:
    """Where whoever signs with GONGKAI_SEAL_KEY notes seals; None when it is not set."""
    named = os.environ.get(KEY_VARIABLE)
    return Path(named + _SUFFIX) if named else None


def notes_beside(public: Path) -> Path:
    """Where the notes of a public key are, when it still lies beside its key."""
    return public.with_name(public.name.removesuffix(".pub") + _SUFFIX)


def missed(notes: Path, archive: str, heads: Mapping[int, str]) -> str | None:
    """What is wrong with a chain (SHA-256 by number) that lacks the last seal that was noted of the
    archive; None when it has it, or when none was noted. CannotRunError: the notes cannot be read.
    """
    noted = _last(notes, archive)
    if noted is None or heads.get(noted[0]) == noted[1]:
        return None
    return f"seal {noted[0]}, which {notes} notes, was removed or made anew"


def note(notes: Path, archive: str, number: int, digest: str) -> None:
    """Notes a seal, once. CannotRunError: the disk refuses; the seal stands, and is noted next
    time.
    """
    if _last(notes, archive) == (number, digest):
        return
    try:
        with notes.open("a", encoding="ascii") as stream:
            stream.write(f"{archive} {number} {digest}\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise CannotRunError(f"cannot write {notes}: {error.strerror}") from error


def _last(notes: Path, archive: str) -> tuple[int, str] | None:
    try:
        lines = notes.read_text("ascii", "replace").splitlines()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CannotRunError(f"cannot read {notes}: {error.strerror}") from error
    found = (_NOTE.fullmatch(line) for line in reversed(lines))
    return next(((int(each[2]), each[3]) for each in found if each and each[1] == archive), None)
