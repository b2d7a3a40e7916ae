"""What goes out of here as files: the blog as a site that any file server shows.

What a newcomer gets wrong: reading the working copy. What leaves the house is what was published, read through the
queries of the blog as its readers read it, and nothing that is live beside it.
"""
