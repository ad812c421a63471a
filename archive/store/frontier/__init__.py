"""The frontier: what is still to fetch; runs, leases, hosts, the lock of an archive.

knows: the frontier's tables and their transactions.
never knows: versions, figures, texts.
neighbours: schema (below), store and write (above).
"""
