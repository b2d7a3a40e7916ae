"""Long runs that go looking for holes: nothing lost, nothing leaked, nothing slow.

Each module with a `main` is one run, `python -m stress.<name>`; it prints what it saw and ends with exit code 0
only when everything held. Its short form is a test in the suite, the long one is `--long` (or `--rounds N`).
`make stress` runs the long form of each. What is shown by which: docs/testing.md. Modules without a `main` are
what the runs share.
"""
