"""The queries. Reads only.

knows: joins over the schema, views as streams, how bodies and figures are packed.
never knows: transactions that write.
neighbours: schema (below), work and search (above).
"""
