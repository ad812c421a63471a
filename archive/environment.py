"""What the environment sets: where the ledger and the WARC files are, what must stay free, who is
told. docs/settings.md lists all of it.
"""

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

from archive.model.errors import UsageError
from archive.model.secrets import without_secrets
from archive.warc.bucket import SCHEME, bucket_url
from archive.work.home import InBucket

_KEEP_DAYS = 7
_OCR_MINUTES = 120
_VERIFY_MINUTES = 10


def database_named() -> str | None:
    """GONGKAI_DATABASE_URL; None when it is not set. UsageError: it is no URL."""
    url = os.environ.get("GONGKAI_DATABASE_URL") or None
    if url is not None and "://" not in url:
        like = "sqlite:////data/archive.sqlite or postgresql://user@host/name"
        raise UsageError(f"GONGKAI_DATABASE_URL: {without_secrets(url)!r} is no URL such as {like}")
    return url


def warc_named() -> Path | InBucket | None:
    """What GONGKAI_WARC_URL names: a folder, as a path or a file: URL, or a bucket; None when it is
    not set. UsageError: it is none of them.
    """
    named = os.environ.get("GONGKAI_WARC_URL") or None
    if named is None:
        return None
    if named.startswith(SCHEME):
        return InBucket(bucket_url(named), timedelta(days=_days_kept()))
    path = unquote(named.removeprefix("file://")) if named.startswith("file://") else named
    if "://" in path or not path.startswith("/"):
        raise UsageError(
            f"GONGKAI_WARC_URL: {without_secrets(named)!r} is no folder; give its whole path,"
            " file:///…, or s3://BUCKET/PREFIX"
        )
    return Path(path)


def min_free_named() -> int:
    """The bytes that must stay free on the archive's disks: GONGKAI_MIN_FREE_GB, else 1 GB; 0
    switches the guard off. UsageError: it is no number of gigabytes.
    """
    named = os.environ.get("GONGKAI_MIN_FREE_GB") or "1"
    try:
        gigabytes = float(named)
    except ValueError:
        gigabytes = -1.0
    if not 0 <= gigabytes <= 1_000_000:
        raise UsageError(
            f"GONGKAI_MIN_FREE_GB: {named!r} is not a number of gigabytes, as 2 or 0.5"
        )
    return round(gigabytes * 1_000_000_000)


def ocr_minutes_named() -> int:
    """For how many minutes a crawl of what is due reads pictures behind its run: those of
    GONGKAI_OCR_MINUTES, else 120; 0 switches it off. UsageError: it is no number of minutes.
    """
    return _minutes("GONGKAI_OCR_MINUTES", _OCR_MINUTES)


def verify_minutes_named() -> int:
    """For how many minutes a crawl of what is due verifies WARC files behind its run: those of
    GONGKAI_VERIFY_MINUTES, else 10; 0 switches it off. UsageError: it is no number of minutes.
    """
    return _minutes("GONGKAI_VERIFY_MINUTES", _VERIFY_MINUTES)


def _minutes(variable: str, usual: int) -> int:
    named = os.environ.get(variable) or str(usual)
    if not named.isdecimal() or len(named) > 4:
        raise UsageError(f"{variable}: {named!r} is not a number of minutes, 0 to 9999")
    return int(named)


def metrics_file_named() -> Path | None:
    """The file that GONGKAI_METRICS_FILE names; None when it is not set. UsageError: its name does
    not end as node_exporter looks for it, or its folder is not there.
    """
    named = os.environ.get("GONGKAI_METRICS_FILE")
    if not named:
        return None
    path = Path(named)
    if path.suffix != ".prom" or not path.parent.is_dir():
        raise UsageError(f"GONGKAI_METRICS_FILE: {named!r} is no file NAME.prom in a folder")
    return path


def alerts_named() -> str | None:
    """The URLs that GONGKAI_ALERTS holds, with their secrets; None when it is not set."""
    return os.environ.get("GONGKAI_ALERTS") or None


def _days_kept() -> int:
    named = os.environ.get("GONGKAI_WARC_KEEP_DAYS") or str(_KEEP_DAYS)
    if not named.isdecimal() or len(named) > 4:
        raise UsageError(f"GONGKAI_WARC_KEEP_DAYS: {named!r} is not a number of days, 0 to 9999")
    return int(named)
