"""What comes in from elsewhere, and the sample company.

What a newcomer gets wrong: a format only reads files and makes a plan (pure); the plan is applied through
the nouns' own operations, with the same checks as their forms. Never write rows directly.
"""
