"""A portal: one row of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One government web site as the catalogue describes it.

    key: short name used on the command line (chongchuan); letters, digits, - and _.
    entries: canonical addresses of its annual-report lists (or of its home page).
    division: GB/T 2260 code of the place, six digits; None when not known.
    family: CMS family; None lets the first page decide.
    delay_s: least seconds between two requests to a host; None takes the setting.
    concurrency: connections at once per host; None takes the setting.
    source: "shipped", "user" or "ad-hoc".
    """

    key: str
    name: str
    entries: tuple[str, ...]
    division: str | None = None
    family: str | None = None
    delay_s: float | None = None
    concurrency: int | None = None
    source: str = "shipped"
