"""The county's settings for hundreds of portals at once: a machine that does other work beside may
let an answer wait for more than two seconds.
"""

from tests.storm.settings import *  # noqa: F403 - a settings module is the other one and a change

DOWNLOAD_TIMEOUT = 60
