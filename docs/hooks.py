"""Steps of `mkdocs build`: the documents of the root are pages too, and a link to a file that is no
page (code, data) becomes its name. The documents themselves stay as they are read in a checkout.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
# Document -> page; a page README.md would be the site's index.
OF_THE_ROOT = {"README.md": "overview.md"} | {
    name: name for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
}
LINK = re.compile(r"(?<!!)\[([^\]\[]+)\]\(([^)\s#]+)(#[^)\s]*)?\)")
IMAGE = re.compile(r"(!\[[^\]]*\]\()docs/")


def on_files(files: Files, config: Any) -> Files:  # noqa: D103 - a hook of mkdocs
    for name, page in OF_THE_ROOT.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:  # noqa: D103 - a hook
    source = page.file.src_uri
    folder = "" if source in OF_THE_ROOT.values() else "docs/" + posixpath.dirname(source)

    def turned(link: re.Match[str]) -> str:
        words, target, anchor = link[1], link[2], link[3] or ""
        if re.match(r"[a-z]+:", target):
            return link[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        uri = OF_THE_ROOT.get(path, path.removeprefix("docs/"))
        if files.get_file_from_path(uri) is None:
            return words
        return f"[{words}]({posixpath.relpath(uri, posixpath.dirname(source) or '.')}{anchor})"

    # mkdocs has the root's documents beside those of docs/.
    return (
        IMAGE.sub(r"\1", LINK.sub(turned, markdown)) if not folder else LINK.sub(turned, markdown)
    )
