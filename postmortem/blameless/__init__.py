"""The craft of the product: hints about language, and people who become roles. Neither ever blocks; both ask."""
