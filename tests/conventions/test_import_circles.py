"""No module of the archive or the crawler reaches itself by imports; a planted circle is found."""

from pathlib import Path

from tests.conventions.import_circles import circles


def test_no_module_reaches_itself_by_imports(root: Path) -> None:
    assert circles(root, "archive", "crawler") == []


def test_a_planted_circle_is_found_also_where_it_is_lazy_or_for_types(tmp_path: Path) -> None:
    modules = {
        "__init__": "from a.one import First\n",
        "one": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import a.two\n",
        "two": "def lazy():\n    from a import three\n",
        "three": "from a.one import First\n",
        "four": "import a.one\n",
    }
    (tmp_path / "a").mkdir()
    for name, text in modules.items():
        (tmp_path / "a" / f"{name}.py").write_text(text)
    assert circles(tmp_path, "a") == [["a.one", "a.three", "a.two"]]
