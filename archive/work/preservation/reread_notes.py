"""What reading captures again says of a page that is worth a line."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class What(StrEnum):
    """What a note is about.

    LOST: a capture that cannot be read, or not as well as before. NO_PAGE: a version that today's
    reader would not make. EQUAL: two neighbouring versions that are equal today. MADE: a version of
    a capture that had made none. PASSED: a capture that would make one, but later ones are numbered
    already.
    """

    LOST = "lost"
    NO_PAGE = "no_page"
    EQUAL = "equal"
    MADE = "made"
    PASSED = "passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about a page that is worth a line. at: of the capture; version: None where the
    capture belongs to none.
    """

    what: What
    url: str
    at: datetime
    message: str
    version: int | None = None
