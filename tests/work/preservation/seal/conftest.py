import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.store.conftest import location, made_home
from tests.work.preservation.seal import archives
from tests.work.preservation.seal.archives import Sealed

__all__ = ["location", "made_home"]


@pytest.fixture(scope="session")
def sealed_once(tmp_path_factory: pytest.TempPathFactory) -> Sealed:
    folder = tmp_path_factory.mktemp("sealed")
    key = Ed25519PrivateKey.generate()
    for number in (1, 2, 3):
        archives.run(folder / "home", number)
        archives.seal(folder / "home", key)
    return Sealed(folder / "home", key, archives.save_public(key, folder / "key.pub"))


@pytest.fixture
def sealed(sealed_once: Sealed, tmp_path: Path) -> Sealed:
    home = shutil.copytree(sealed_once.home, tmp_path / "home")
    return Sealed(home, sealed_once.key, sealed_once.public)
