"""What the official formats put into every report."""

import tomllib
from functools import cache
from importlib.resources import files

from archive.codebook.forms import FORMS, form


@cache
def boilerplate() -> tuple[str, ...]:
    """Headings and set phrases of the formats, and the labels of the rows of all forms, which stand
    in the text where a page has its table as lines.
    """
    script = files("archive.codebook").joinpath("boilerplate.toml").read_text("utf-8")
    lines = [line for each in tomllib.loads(script)["format"] for line in each["lines"]]
    labels = [row.label for name in FORMS for row in form(name).rows]
    return (*lines, *dict.fromkeys(labels))
