"""How a scheduled URL ends, and what a run is worth."""

from enum import StrEnum
from typing import Final


class Outcome(StrEnum):
    """The one reason with which every scheduled URL ends in a run (a detail goes beside it)."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REDIRECTED = "redirected"
    GONE = "gone"
    BLOCKED = "blocked"
    ROBOTS = "robots"
    OUT_OF_SCOPE = "out_of_scope"
    SOFT_404 = "soft_404"
    FAILED = "failed"


class Verdict(StrEnum):
    """What a run is worth. Only `good` gives exit status 0."""

    GOOD = "good"
    BAD = "bad"
    INTERRUPTED = "interrupted"


class Role(StrEnum):
    """What a URL was scheduled as: what the page that named it took it for.

    NAVIGATION: a hub page, between a portal's home page and its annual-report section.
    REQUISITE: a style sheet or an image that a page shows; it is kept and never read.
    """

    ENTRY = "entry"
    NAVIGATION = "navigation"
    LIST = "list"
    PAGE = "page"
    ATTACHMENT = "attachment"
    ROBOTS = "robots"
    REQUISITE = "requisite"

    @property
    def is_list(self) -> bool:
        """Whether the URL was scheduled for what it names: an entry, a hub page or a list."""
        return self in LIST_ROLES


LIST_ROLES: Final = (Role.ENTRY, Role.NAVIGATION, Role.LIST)
"""The roles that `Role.is_list`, for queries."""

SECTION_ROLES: Final = (Role.ENTRY, Role.LIST)
"""What may be the section's own list: no hub page."""

SIDE_ROLES: Final = (Role.ROBOTS, Role.REQUISITE)
"""What is fetched beside a portal's content: counts, verdicts and readings leave it out."""
