"""The command over a home of its own, and a server of exact bytes: what a crawl leaves."""

from tests.support.command import gongkai, server

__all__ = ["gongkai", "server"]
