"""Free words that grow from use, shared by incidents, factors and write-ups.

What a newcomer gets wrong: a tag's name is normalised once, by `text.slugs.tag_name`; never compare or
store a name that has not been through it.
"""
