"""The rules that Python files keep, each a function from one parsed file to its complaints."""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MAX_FUNCTION = 50
MAX_FILE = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "stuff"}
PURE_PACKAGES = ("archive/reading/", "archive/families/", "archive/codebook/", "archive/model/")
CLOCK, CLOCK_MODULE = "archive/work/clock.py", "archive.work.clock"
CLOCKS = {
    "now", "utcnow", "today", "time", "time_ns", "gmtime", "localtime", "ctime", "clock_gettime",
}  # fmt: skip
GONE = tuple(
    tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))["gone"]
)
_GONE = re.compile(rf"\b({'|'.join(GONE)})\w*", re.IGNORECASE)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: its path from the root with slashes, its text, its syntax tree, and all
    nodes of that.
    """

    path: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]


Rule = Callable[[Source], Iterator[str]]


def source(path: str, text: str) -> Source:
    tree = ast.parse(text, filename=path)
    return Source(path=path, text=text, tree=tree, nodes=tuple(ast.walk(tree)))


def load(root: Path, path: str) -> Source:
    return source(path, (root / path).read_text(encoding="utf-8"))


def functions(file: Source) -> Iterator[Function]:
    return (node for node in file.nodes if isinstance(node, FUNCTIONS))


def length(function: Function) -> int:
    """Lines from `def` to the end; the docstring does not count."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None:
        return lines
    return lines - ((first.end_lineno or first.lineno) - first.lineno + 1)


def no_long_function(file: Source) -> Iterator[str]:
    for function in functions(file):
        if length(function) > MAX_FUNCTION:
            yield f"{file.path}: {function.name} has {length(function)} lines"


def no_long_file(file: Source) -> Iterator[str]:
    lines = file.text.count("\n")
    if lines > MAX_FILE:
        yield f"{file.path} has {lines} lines"


def no_vague_name(file: Source) -> Iterator[str]:
    parts = PurePosixPath(file.path).with_suffix("").parts
    for part in parts:
        if part in VAGUE_NAMES:
            yield f"{file.path}: “{part}” does not say what is inside"


def no_word_of_before(file: Source) -> Iterator[str]:
    if "/migrations/" in file.path:
        return
    for number, line in enumerate(file.text.splitlines(), 1):
        if found := _GONE.search(line):
            yield f"{file.path}:{number}: “{found[0]}” is a word of the first edition"


def module_header(file: Source) -> Iterator[str]:
    if PurePosixPath(file.path).name != "__init__.py":
        return
    header = ast.get_docstring(file.tree) or ""
    for word in ("knows:", "never knows:", "neighbours:"):
        if not re.search(rf"^{word} \S", header, re.MULTILINE):
            yield f"{file.path}: the module header lacks “{word}”"


def public_names_are_documented(file: Source) -> Iterator[str]:
    if file.path.startswith("archive/"):
        yield from undocumented(file.tree, file.path)


def undocumented(node: ast.Module | ast.ClassDef, place: str) -> Iterator[str]:
    for child in node.body:
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef)) or child.name.startswith("_"):
            continue
        if ast.get_docstring(child) is None and not is_restated(child):
            yield f"{place}: {child.name} has no docstring"
        if isinstance(child, ast.ClassDef):
            yield from undocumented(child, f"{place}: {child.name}")


def is_restated(node: Function | ast.ClassDef) -> bool:
    """An overload or an override: the documentation stands at the original."""
    names = {ast.unparse(decorator).split(".")[-1] for decorator in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


def records_are_frozen(file: Source) -> Iterator[str]:
    if not file.path.startswith("archive/model/"):
        return
    for node in file.nodes:
        if isinstance(node, ast.ClassDef):
            for decorator in map(ast.unparse, node.decorator_list):
                if decorator.startswith("dataclass") and not all(
                    f"{option}=True" in decorator for option in ("frozen", "slots", "kw_only")
                ):
                    yield f"{file.path}: {node.name} is not frozen, slotted and keyword-only"


def no_module_state(file: Source) -> Iterator[str]:
    """Empty containers at module level are there to be filled; `global` is there to be changed."""
    for node in file.tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if value is not None and is_empty(value):
            yield f"{file.path}:{node.lineno}: a container at module level, to be filled"
    for node in file.nodes:
        if isinstance(node, ast.Global):
            yield f"{file.path}:{node.lineno}: global {', '.join(node.names)}"


def is_empty(value: ast.expr) -> bool:
    """[], {}, set(), dict() or list()."""
    if isinstance(value, ast.Call):
        return not value.args and ast.unparse(value) in {"set()", "dict()", "list()"}
    return (isinstance(value, ast.List) and not value.elts) or (
        isinstance(value, ast.Dict) and not value.keys
    )


def one_clock(file: Source) -> Iterator[str]:
    """Instants come from one place, so that a test can live in another time."""
    if file.path == CLOCK or not file.path.startswith(("archive/", "crawler/", "settings/")):
        return
    for node in file.nodes:
        if isinstance(node, ast.Attribute) and node.attr in CLOCKS:
            call = ast.unparse(node)
            if re.search(r"\b(date|datetime|time)\.", call):
                yield f"{file.path}:{node.lineno}: {call} – ask {CLOCK}, or take `now`"
        if isinstance(node, ast.ImportFrom) and node.module in {"time", CLOCK_MODULE}:
            for name in {each.name for each in node.names} & CLOCKS:
                yield f"{file.path}:{node.lineno}: {name} imported by its name"


def pure_packages_open_nothing(file: Source) -> Iterator[str]:
    if not file.path.startswith(PURE_PACKAGES):
        return
    for node in file.nodes:
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"open", "print", "input"}:
            yield f"{file.path}:{node.lineno}: {ast.unparse(node.func)}() in a pure package"
        if isinstance(node, (ast.Import, ast.ImportFrom)) and "urllib.request" in ast.unparse(node):
            yield f"{file.path}:{node.lineno}: urllib.request in a pure package"


def nothing_is_stubbed(file: Source) -> Iterator[str]:
    for node in file.nodes if "NotImplemented" in file.text else ():
        if isinstance(node, ast.Raise) and "NotImplemented" in ast.unparse(node):
            yield f"{file.path}:{node.lineno}: NotImplemented"
    for number, line in enumerate(file.text.splitlines(), start=1):
        if re.search(r"#\s*(TODO|FIXME|XXX|HACK)\b", line):
            yield f"{file.path}:{number}: {line.strip()}"


IGNORE = re.compile(r"#\s*(?:noqa\b|type:\s*ignore\b|pragma:\s*no cover)(.*)")


def ignores_say_why(file: Source) -> Iterator[str]:
    """`# noqa: S603 - list arguments`: the reason on the line, or above, for a group of lines."""
    said = False
    for number, line in enumerate(file.text.splitlines(), start=1):
        told = IGNORE.search(line)
        if told is None or '"' in line[: told.start()]:
            said = line.lstrip().startswith("# ")
            continue
        reason = re.sub(r"^(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[\w, -]+\])", "", told[1])
        said = said or len(re.findall(r"\w", reason)) >= len("ours")
        if not said:
            yield f"{file.path}:{number}: an ignore without its reason"


EVERYWHERE: tuple[Rule, ...] = (
    no_long_function,
    no_long_file,
    no_vague_name,
    no_word_of_before,
    records_are_frozen,
    no_module_state,
    one_clock,
    pure_packages_open_nothing,
    nothing_is_stubbed,
)
IN_THE_PACKAGES: tuple[Rule, ...] = (
    module_header,
    public_names_are_documented,
    ignores_say_why,
)
