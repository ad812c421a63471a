"""What a journey through the whole needs: the command, a server, a copy of the project."""

from tests.support.command import gongkai, server
from tests.support.project_copy import pristine, project, run

__all__ = ["gongkai", "pristine", "project", "run", "server"]
