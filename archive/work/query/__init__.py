"""Queries: pages, histories, differences, coverage, status.

knows: what people ask, and answers as plain records.
never knows: SQL, HTML, printing.
neighbours: store, search (below); cli, web (above).
"""
