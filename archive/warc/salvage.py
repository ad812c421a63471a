"""A whole WARC file read in order, whatever is wrong with it: what can be read comes as records,
what cannot as damages, and the reading goes on behind it.
"""

from collections.abc import Iterator

from archive.model.reading import Severity
from archive.warc.folder import WarcFile
from archive.warc.reader import MAX_BLOCK_BYTES, Record, digest_damage
from archive.warc.scan import Damage, Scanner


def salvaged(path: WarcFile) -> Iterator[Record | Damage]:
    """Every record that is whole, and every error. A record whose block does not fit its digest, or
    is beyond all measure, is an error and no record; so is a file that cannot be opened.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        yield _error(path, 0, "file", error.strerror or "cannot be read")
        return
    with stream:
        scanner = Scanner(stream, path)
        for head in scanner.heads():
            yield from _errors(scanner)
            block = _block(scanner)
            scanner.close()
            broken = list(_errors(scanner))
            yield from broken
            wrong = None if block is None else digest_damage(head, block)
            if block is None:
                yield _error(path, head.offset, "size", f"it exceeds {MAX_BLOCK_BYTES} bytes")
            elif wrong:
                yield _error(path, head.offset, "block_digest", wrong)
            elif all(each.readable for each in broken):
                yield Record(file=path.name, length=scanner.length, head=head, block=block)
        yield from _errors(scanner)


def _errors(scanner: Scanner) -> Iterator[Damage]:
    found, scanner.damages = scanner.damages, []
    yield from (each for each in found if each.severity is Severity.ERROR)


def _block(scanner: Scanner) -> bytes | None:
    """None when it is too large."""
    pieces, left = [], MAX_BLOCK_BYTES
    for piece in scanner.pieces():
        left -= len(piece)
        if left < 0:
            return None
        pieces.append(piece)
    return b"".join(pieces)


def _error(path: WarcFile, offset: int, rule: str, message: str) -> Damage:
    return Damage(
        file=str(path), offset=offset, severity=Severity.ERROR, rule=rule, message=message
    )
