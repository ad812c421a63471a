"""``python -m tests.release``: builds into dist/, looks at it, installs the wheel and tries it."""

import sys
import tempfile
import time
from pathlib import Path

from tests.release.built import build, complaints, is_in_the_changelog, version_of
from tests.release.installed import failures, install

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """0 when wheel and source distribution can be given away."""
    begun = time.monotonic()
    built = build(ROOT, ROOT / "dist")
    wrong = complaints(ROOT, built)
    with tempfile.TemporaryDirectory(prefix="gongkai-release-") as folder:
        installed = install(built.wheel, ROOT / "requirements.lock", Path(folder))
        wrong += failures(installed, Path(folder) / "home")
    sys.stdout.writelines(f"WRONG {line}\n" for line in wrong)
    version = version_of(ROOT)
    if not is_in_the_changelog((ROOT / "CHANGELOG.md").read_text("utf-8"), version):
        sys.stdout.write(f"CHANGELOG.md has no heading for {version} yet: a trial, not a release\n")
    if not wrong:
        sys.stdout.writelines(f"dist/{path.name}\n" for path in (built.wheel, built.sdist))
        sys.stdout.write(f"good, in {time.monotonic() - begun:.0f} s\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
