"""`python -m <package>.cli`."""

from .app import main

main()
