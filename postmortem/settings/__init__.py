"""Administration: one page that leads to the pages which the nouns have for it.

There is nothing to set here itself; what an admin may decide lives with the noun it is about.
"""
