"""The statistical tables of the reports, and what is said in prose, as figures and checks.

knows: forms, rows, heads, cells, sum rules.
never knows: titles, header fields, navigation.
neighbours: html and values (below), codebook (forms and rules), report (above).
"""
