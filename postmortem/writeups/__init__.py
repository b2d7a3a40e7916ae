"""The documents that people read, and the blog *Failing Forward*.

What a newcomer gets wrong: a write-up's own columns are the working copy. What readers see is its current
`Publication`: text, timeline, factors and action titles as they were frozen by publishing.
"""
