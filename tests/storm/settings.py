"""The project's settings with a shorter patience, and no way out of this machine."""

from settings.base import *  # noqa: F403 - a settings module is the other one and a few changes

DOWNLOAD_TIMEOUT = 2
GONGKAI_FIRST_REST_S = 0.5
DNS_RESOLVER = TWISTED_DNS_RESOLVER = "tests.storm.resolver.ClosedResolver"
