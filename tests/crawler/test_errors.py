"""The tree of exceptions is drawn as it is."""

import inspect
import re

from crawler import errors

LINE = re.compile(r"^((?:│ {3}| {4}|[├└]── )*)(\w+Error)\b", re.MULTILINE)


def drawn() -> dict[str, str]:
    """Each exception of the docstring with the one that it stands below."""
    above, found = {0: "Exception"}, {}
    for branches, name in LINE.findall(errors.__doc__ or ""):
        depth = len(branches) // 4
        found[name] = above[depth]
        above[depth + 1] = name
    return found


def test_the_tree_is_drawn_as_it_is() -> None:
    ours = {
        name: each.__bases__[0].__name__
        for name, each in inspect.getmembers(errors, inspect.isclass)
        if issubclass(each, Exception)
    }
    assert drawn() == ours
