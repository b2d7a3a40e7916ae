"""What becomes of somebody who leaves the records: two accounts of one person merged, a person anonymised everywhere.

What a newcomer gets wrong: this noun has no table. It stands above all nouns that point at people or hold words about
them; a new column of either kind gets its place in `columns` or `places`, and a test fails until it has one.
"""
