"""How a list of any family becomes links: anchors, clusters, pagers, calls in scripts.

knows: lists, their items, their further pages, literals of scripts.
never knows: which CMS brings its lists how; files, network, clock.
neighbours: words and records of families (above), model, codebook.
"""
