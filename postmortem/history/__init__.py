"""Who changed what, from what to what, and when: one entry per change, in the change's own transaction.

What a newcomer gets wrong: an operation that changes several records writes one entry for each of them,
and an operation that changes nothing writes none.
"""
