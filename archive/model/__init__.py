"""NOUNS: the frozen records that travel between rooms, and pure rules about them.

knows: URLs, captures, readings, outcomes, content hashes.
never knows: files, network, clock, SQL, HTML.
neighbours: every room may import it; it imports only the standard library and w3lib (URLs).
"""
