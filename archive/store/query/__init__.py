"""LEDGER: questions to the ledger. Reads only.

knows: joins over the schema, views as streams.
never knows: transactions that write.
neighbours: schema (below), work and search (above).
"""
