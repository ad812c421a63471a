"""Whole tables for other tools, written whole or not at all.

knows: formats (JSON Lines, CSV, Parquet, Excel), atomic files.
never knows: what a table means.
neighbours: store (below); cli (above).
"""
