"""Bytes to a tree, and the tree to blocks, lines, grids and cells.

knows: HTML, character sets, what is visible or repeated, tables as grids, links to attached files.
never knows: what a report says: labels, titles, figures.
neighbours: values, text, statistics (above), model.
"""
