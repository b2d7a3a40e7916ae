"""The documents that people read, and the blog *Failing Forward*.

What a newcomer gets wrong: a write-up's own columns are the working copy. What readers see is its current
`Publication`: text, timeline, factors and action titles as they were frozen by publishing.

Writing: `views views_publishing forms operations publishing outline facts`. Reading: `views_blog views_tags
views_feeds entries pages reading feeds freshness`. What publishing freezes: `frozen`.
"""
