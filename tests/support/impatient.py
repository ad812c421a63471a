"""The project's settings with a shorter patience and a narrower door."""

from settings.base import *  # noqa: F403 - a settings module is the other one and a few changes

DOWNLOAD_TIMEOUT = 3
DOWNLOAD_MAXSIZE = 1_000_000
