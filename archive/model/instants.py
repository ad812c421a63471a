"""How instants are spelled where other programs read them."""

from datetime import UTC, datetime


def exact(instant: datetime) -> str:
    """ISO 8601 in UTC to the microsecond; an instant without a zone is taken for UTC.

    >>> exact(datetime(2026, 11, 22, 8, tzinfo=UTC))
    '2026-11-22T08:00:00.000000Z'
    """
    if instant.tzinfo is not None:
        instant = instant.astimezone(UTC)
    return instant.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
