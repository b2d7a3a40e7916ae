"""`python -m postmortem.cli`: the `postmortem` command under the name of a module."""

from postmortem.cli import main

main()
