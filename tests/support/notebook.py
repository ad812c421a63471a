"""Runs a notebook as Jupyter does, cell by cell in one namespace, without Jupyter."""

import ast
import json
import warnings
from collections.abc import Callable
from pathlib import Path

Shown = Callable[[int, object], None]


def run_notebook(path: Path, show: Shown = lambda _number, _value: None) -> dict[str, object]:
    """The names that its code leaves behind. show: gets the number of each cell whose last line is
    an expression, and its value.
    """
    import matplotlib as mpl

    mpl.use("Agg")
    names: dict[str, object] = {}
    cells = json.loads(path.read_text("utf-8"))["cells"]
    with warnings.catch_warnings():
        # A machine may have no font with Chinese characters, and plt.show() shows nothing to nobody.
        warnings.filterwarnings("ignore", message="Glyph|FigureCanvasAgg")
        for number, cell in enumerate(cells):
            if cell["cell_type"] != "code":
                continue
            body = ast.parse("".join(cell["source"])).body
            last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
            exec(compile(ast.Module(body, []), f"cell {number}", "exec"), names)  # noqa: S102 - ours
            if last is not None:
                shown = compile(ast.Expression(last.value), f"cell {number}", "eval")
                show(number, eval(shown, names))  # noqa: S307 - ours
    return names
