"""The pages and the API for people who browse and query, on this machine only.

knows: HTTP requests, templates, what a browser may do with our pages.
never knows: SQL, WARC bytes, Scrapy; archived HTML is never shown on this origin.
neighbours: work and search (below), cli (above), which starts it.
"""
