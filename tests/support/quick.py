"""The project's settings with a short first rest: no test waits a minute."""

from settings.base import *  # noqa: F403 - a settings module is the other one and a few changes

GONGKAI_FIRST_REST_S = 0.3
