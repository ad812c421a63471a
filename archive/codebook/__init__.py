"""Labels, forms, indicators, sum rules and phrases, as data files with their sources.

knows: what words and cells of reports mean, and where that was seen.
never knows: pages, files outside the package, network, clock, SQL.
neighbours: reading and families ask it; it imports archive.model and the standard library.
"""
