"""The documents that people read, and the blog *Failing Forward*.

What a newcomer gets wrong: a write-up's own columns are the working copy. What readers see is its current
`Publication`: text, timeline, factors and action titles as they were frozen by publishing.

Writing: `views views_publishing forms operations publishing outline facts`. Reading: `views_blog views_tags
views_feeds entries pages reading feeds freshness`. What publishing freezes: `frozen`. Live blocks of a draft, and how they
are frozen: `blocks` (found by `blocks_parse`, worded by `blocks_texts`, offered by `blocks_menu`). Sets of sections:
`templates` as shipped, `queries_templates operations_templates forms_templates views_templates` as admins keep them.
"""
