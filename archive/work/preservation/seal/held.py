"""Whether versions are what the seals of their archive say, for who verifies a ledger and not its
seals (archive.work.preservation.seal.check): a seal with a fault of its own says nothing.
"""

from functools import cached_property

from archive.store import Store
from archive.store.query.rereading import StoredVersion
from archive.store.write.captures import archive_id
from archive.work.home import Home
from archive.work.preservation.seal.chain import Chain, read_chain
from archive.work.preservation.seal.folder import seals_of, stored_seals
from archive.work.preservation.seal.measured import Versions


class SealedVersions:
    """What the good seals of an archive say of its versions; they are read when that is first asked
    for.
    """

    def __init__(self, home: Home) -> None:
        self._home = home

    @cached_property
    def _chain(self) -> Chain:
        return read_chain(stored_seals(seals_of(self._home)))

    def has(self, store: Store, version: StoredVersion) -> bool | None:
        """Whether a version's row, figures and statements are what the last seal that names it
        says; None: none names it as this reader read it from this record.
        """
        sealed = self._chain.versions.get((version.key, version.number))
        if sealed is None or sealed.reader != version.reader_version:
            return None
        if (sealed.warc_file, sealed.warc_offset) != (version.spot.file, version.spot.offset):
            return None
        with store.read() as connection:
            if self._chain.archive != archive_id(connection):
                return None
            return Versions(connection).sha256(version.key, version.number) == sealed.sha256
