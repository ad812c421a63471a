"""The archive is verified, indexed and replayed.

knows: WARC files against their ledger, CDXJ, pywb as a process.
never knows: what a page says.
neighbours: warc, store (below); cli (above).
"""
