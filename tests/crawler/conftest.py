"""The command over a home of its own, and a server of exact bytes, for all tests of the crawler."""

from tests.support.command import gongkai, server

__all__ = ["gongkai", "server"]
