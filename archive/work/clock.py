"""The one place that reads the wall clock. A crawl, `status` and `coverage` take their instants
from here and hand them on, so that whoever replaces `now` lives in another time; how long
something took is measured by the monotonic clock instead.

A process that works on an archive together with other machines follows the clock of the database
that they share: what one wrote down a moment ago is never in another's future.
"""

import time
from datetime import UTC, datetime, timedelta


class _Followed:
    """Another clock: what it said, and when (monotonic seconds)."""

    said: tuple[datetime, float] | None = None


def now() -> datetime:
    """The instant, in UTC. Called as ``clock.now()``, never imported by its name."""
    if _Followed.said is None:
        return datetime.now(UTC)
    there, since_s = _Followed.said
    return there + timedelta(seconds=time.monotonic() - since_s)


def follow(there: datetime) -> timedelta:
    """From now on the time is that of another clock, which says `there`; how far this machine's
    own is ahead of it.
    """
    _Followed.said = there.astimezone(UTC), time.monotonic()
    return datetime.now(UTC) - there
