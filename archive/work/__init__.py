"""VERBS: the use cases; each joins the rooms below for one purpose.

knows: what is done to the archive and in which order: keep, read, settle, judge, verify, export.
never knows: Scrapy, argument parsing, HTML pages.
neighbours: search, store, warc, reading (below); cli, web, crawler (above).
"""
