"""A portal: one row of the catalogue."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Portal:
    """One government web site as the catalogue describes it.

    key: short name used on the command line (chongchuan); letters, digits, - and _.
    entries: canonical URLs of its annual-report lists (or of its home page).
    division: GB/T 2260 code of the place, six digits; None when not known.
    family: CMS family; None lets the first page decide.
    delay_s: least seconds between two requests to a host; None takes the setting.
    concurrency: connections at once per host; None takes the setting.
    platform: key that portals on one shared platform (省集约化平台) have in common: politeness
        treats all their hosts as one; None: each host stands for itself.
    hours: the night window in China's time in which it may be visited ("22:00-06:00"); None: any.
    max_pages: exchanges with it in one run at most; None: no limit.
    max_lists: lists (with their further pages) visited in one run at most; None takes the setting.
    max_size_mb: the largest answer that is taken, in MiB; None takes the setting (64).
    tls: "legacy" for servers that know only TLS before 1.2 or weak ciphers, "none" asks http where
        its pages name https; None: as the library does.
    agent: "mobile" where only phones are served; None: our own User-Agent.
    allow_private: its host names may lead to private addresses (an intranet, this machine); a
        host that an entry names by a private number is allowed anyway.
    source: "shipped", "user" or "ad-hoc".
    """

    key: str
    name: str
    entries: tuple[str, ...]
    division: str | None = None
    family: str | None = None
    delay_s: float | None = None
    concurrency: int | None = None
    platform: str | None = None
    hours: str | None = None
    max_pages: int | None = None
    max_lists: int | None = None
    max_size_mb: int | None = None
    tls: str | None = None
    agent: str | None = None
    allow_private: bool = False
    source: str = "shipped"
