"""What is wrong with a page as a whole.

knows: error pages, copies on other sites, lost characters, pages that need a browser.
never knows: figures and their sums.
neighbours: html and metadata (below), document (above).
"""
