"""One short file per CMS family, and how a list of any family becomes links.

knows: fingerprints, selectors and pagers of the CMS families; lists, their items and pages.
never knows: files (but its own data), network, clock, SQL, what a report says.
neighbours: model, codebook; reading and work call it.
"""
