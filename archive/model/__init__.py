"""The frozen records that travel between packages, and pure rules about them.

knows: URLs, captures, readings, outcomes, content hashes.
never knows: files, network, clock, SQL, HTML.
neighbours: every package may import it; it imports only the standard library and w3lib (URLs).
"""
