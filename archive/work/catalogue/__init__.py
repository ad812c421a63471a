"""The catalogue of portals: load, check, import, find the section of a new one.

knows: portals.toml, CSV lists, what a visit shows of a portal.
never knows: SQL, Scrapy, printing.
neighbours: families and reading (below); cli and crawler (above).
"""
