"""The two transactions: captures, then outcomes with versions and all their parts.

knows: how a reading becomes rows, and when a version is new.
never knows: the frontier's leases beyond their end, questions.
neighbours: schema (below), store (above).
"""
