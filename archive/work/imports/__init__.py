"""Files of other crawlers are taken in: their captures become captures of this archive.

knows: which records are captures of pages, whose portal they are, how they are kept and read.
never knows: how a table is printed; the network.
neighbours: ingest, store, warc (below); cli (above).
"""
