"""Exchanges as bytes in WARC files: written durably, read back, indexed, checked.

knows: HTTP messages on the wire, WARC records, gzip members, digests, CDXJ lines.
never knows: SQL, portals, what a page means.
neighbours: work calls it; it imports only model.
"""
