"""Chinese full text over the ledger: exact substrings of two characters and up.

knows: grams, the index tables, candidates, verification, highlighting.
never knows: HTML, network, the command line, how pages were fetched.
neighbours: writes and reads through store; work, web and cli query it.
"""
