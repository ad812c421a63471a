"""The archive house: keeps exchanges, reads them and answers questions.

knows: captures, readings, versions, figures, queries.
never knows: Scrapy, or how an exchange was fetched.
neighbours: settings (below), crawler (above).
"""
