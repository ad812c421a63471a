"""Which modules import each other in a circle, lazily and for types too."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def circles(root: Path, *packages: str) -> list[list[str]]:
    """Modules of the packages that reach themselves by imports, a list for each circle."""
    graph = dict(_graph(root, packages))
    reached = {name: _reached(graph, name) for name in graph}
    circled = {name: {each for each in reached[name] if name in reached[each]} for name in graph}
    return [
        each for each in map(list, sorted({tuple(sorted(c)) for c in circled.values()})) if each
    ]


def _graph(root: Path, packages: tuple[str, ...]) -> Iterator[tuple[str, set[str]]]:
    paths = [path for package in packages for path in sorted((root / package).rglob("*.py"))]
    modules = {_name(root, path): path for path in paths}
    for name, path in modules.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {each for node in ast.walk(tree) for each in _imports(node)}
        yield name, {_module(each, modules) for each in named} - {"", name}


def _name(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _imports(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _module(named: str, modules: Mapping[str, Path]) -> str:
    """The module that an import loads: the name itself, or what it is taken from; "" for others."""
    while named and named not in modules:
        named = named.rpartition(".")[0]
    return named


def _reached(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """What a module imports, and what that imports, and so on."""
    found, left = set[str](), list(graph[start])
    while left:
        each = left.pop()
        if each not in found:
            found.add(each)
            left += graph[each]
    return found
