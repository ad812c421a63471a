"""One filled archive, and the commands over it."""

from tests.support.invented_home import gongkai, gongkai_process, home

__all__ = ["gongkai", "gongkai_process", "home"]
