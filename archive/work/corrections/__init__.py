"""Corrections that people make: a layer of its own, in a file of the home, never over a reading.

knows: HOME/corrections.toml, which numbers of which versions a correction fits.
never knows: SQL, HTML, printing; no number is changed in the ledger.
neighbours: store, ingest (below); cli, web (above).
"""
