"""The one place that reads the wall clock. A crawl, `status` and `coverage` take their instants
from here and hand them on, so that whoever replaces `now` lives in another time; how long
something took is measured by the monotonic clock instead.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The instant, in UTC. Called as ``clock.now()``, never imported by its name."""
    return datetime.now(UTC)
