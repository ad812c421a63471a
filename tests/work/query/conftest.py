"""One filled archive."""

from tests.support.invented_home import home

__all__ = ["home"]
