"""Ingest of an exchange: stored, read in other processes, judged, recorded.

knows: the order of the two transactions, outcomes, verdicts, when to come again.
never knows: Scrapy, HTTP requests, pages for people.
neighbours: store, warc, reading (below); crawler (above).
"""
