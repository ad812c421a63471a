"""Seals: a signed chain of what the archive held at the end of each run.

knows: hashes, Ed25519, the files of seals/, RFC 3161 tokens.
never knows: what a page says; how WARC records are made.
neighbours: store.query.sealed_rows (the ledger's rows), cli.seal, crawler.job (a run's end).
"""
