"""A copy of the project, for the commands that write into it."""

from tests.support.project_copy import pristine, project, run

__all__ = ["pristine", "project", "run"]
