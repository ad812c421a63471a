"""The use cases; each joins the packages below for one purpose.

knows: what is done to the archive and in which order: store, read, decide, judge, verify, export.
never knows: Scrapy, argument parsing, HTML pages.
neighbours: search, store, warc, reading (below); cli, web, crawler (above).
"""
