"""Where a capture is replayed."""

from datetime import UTC, datetime


def snapshot_url(replay: str | None, url: str, at: datetime) -> str | None:
    """The address of the capture of that instant below a replay URL; None when that is None.

    >>> snapshot_url("http://r/a", "http://x.cn/", datetime(2026, 3, 2, tzinfo=UTC))
    'http://r/a/20260302000000/http://x.cn/'
    """
    if replay is None:
        return None
    return f"{replay}/{at.astimezone(UTC):%Y%m%d%H%M%S}/{url}"
