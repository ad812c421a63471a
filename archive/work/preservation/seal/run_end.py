"""A run's end: seals what it brought. Whatever becomes of that, the run's verdict stays."""

import logging
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from archive.model.errors import GongkaiError
from archive.store import Store
from archive.work.disk_guard import line_on
from archive.work.home import Home
from archive.work.preservation.seal.make import NothingToSealError, make_seal
from archive.work.preservation.seal.notes import notes_of_key

# A minute or two: who waits for a run's verdict waits no longer. What is more is from before the
# first seal.
MAX_BYTES: Final = 4 * 1024**3
logger = logging.getLogger(__name__)


def seal_run(
    home: Home,
    open_ledger: Callable[[], Store],
    key: Ed25519PrivateKey | None,
    *,
    max_bytes: int = MAX_BYTES,
) -> tuple[str, ...]:
    """Seals the archive behind a run, when the run's files are closed; its hash goes to the log.
    Returns a line for each thing that a person should know: why there is no seal, and what was
    sealed before and is not so any more. Where nothing has come in yet there is nothing to say.
    """
    try:
        with open_ledger() as store:
            sealed = make_seal(home, store, key, notes=notes_of_key(), max_bytes=max_bytes)
    except NothingToSealError:
        return ()
    except GongkaiError as error:
        return (line_on("this run is not sealed", error),)
    logger.info("sealed: %s SHA-256 %s", sealed.path, sealed.sha256)
    return sealed.damage
