"""The exceptions of Gongkai. A class docstring is what the user reads: what is wrong, what to do.

    GongkaiError
    ├── UsageError              exit 2: wrong usage or configuration
    │   ├── CatalogueError
    │   ├── NotFoundError
    │   └── NewerHomeError
    ├── CannotRunError          exit 4: could not run (lock, disk, internal)
    │   ├── HomeLockedError
    │   ├── TooSlowError
    │   ├── DiskLowError
    │   ├── LedgerGoneError
    │   └── DamagedLedgerError
    ├── WithdrawnError          what is asked for is out of public view
    └── DamageError             stored or offered bytes cannot be trusted
        ├── WarcError
        └── MessageError

Doubts about a page are never exceptions: they are findings that travel with the reading.
"""

import difflib
from collections.abc import Iterable


class GongkaiError(Exception):
    """Something Gongkai refuses to do; the message is one line that says what to do next."""


class UsageError(GongkaiError):
    """The command or the configuration is wrong."""


class CatalogueError(UsageError):
    """A portal row cannot be used."""


class NotFoundError(UsageError):
    """The archive has no page of that URL."""


class NewerHomeError(UsageError):
    """The archive was made by a newer Gongkai; install that version or choose another --home."""


class CannotRunError(GongkaiError):
    """The work could not be started or went wrong inside."""


class HomeLockedError(CannotRunError):
    """Another crawl of the same home is running."""


class TooSlowError(CannotRunError):
    """The answer takes too long; ask for less."""


class DiskLowError(CannotRunError):
    """The disk has less room than the work needs to end well; make room and run it again."""


class LedgerGoneError(CannotRunError):
    """The ledger was moved away from its database, or is not there any more."""


class DamagedLedgerError(CannotRunError):
    """The ledger's database is damaged; restore it from a backup."""


class LostLedgerError(CannotRunError):
    """There are WARC files, and their ledger is not there; `gongkai rebuild` makes it again."""


class WithdrawnError(GongkaiError):
    """This is withdrawn from public view."""


class DamageError(GongkaiError):
    """Bytes that cannot be trusted."""


class WarcError(DamageError):
    """A WARC file or record is damaged."""


class MessageError(DamageError):
    """An HTTP message cannot be taken apart: bad framing, coding or size."""


def check_order(from_: str, first: object, to: str, last: object) -> None:
    """UsageError when a first year or day is after the last one, since nothing can lie between
    them. from_, to: what they are called where they are given; None: not given.

    >>> check_order("--from", 2020, "--to", 2020), check_order("--from", None, "--to", 2020)
    (None, None)
    """
    # Years have four digits and days are spelled as ISO 8601 has them: their text is in order.
    if first is not None and last is not None and str(first) > str(last):
        raise UsageError(f"{from_} {first} is after {to} {last}")


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """The end of a message about a name that is not there: up to three that come near, or "".

    >>> did_you_mean("pintan", ["pingtan", "lishui"]), did_you_mean("x", ["lishui"])
    ('; did you mean pingtan?', '')
    """
    near = difflib.get_close_matches(wrong, [*known], n=3, cutoff=0.5)
    return f"; did you mean {', '.join(near)}?" if near else ""
