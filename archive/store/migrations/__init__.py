"""The migrations: each brings the ledger of an earlier version to the next.

knows: every schema there ever was, as SQL that never changes again.
never knows: today's tables (archive.store.schema): those may go on changing.
neighbours: archive.store.upgrade, which runs them.
"""
