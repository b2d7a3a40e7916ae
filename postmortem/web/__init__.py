"""The foundation of every view: access gate, database session, forms, error pages, paging, headers.

What a newcomer gets wrong: `web` knows no noun. What it needs from one (who is signed in, who may see an
incident) the noun hands up by registering it.
"""
