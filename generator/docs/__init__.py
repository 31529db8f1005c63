"""surfacegen's own documentation: pages written by hand, and a reference made from the code it is about.

    pages/**/*.md         copied as they are; blocks of `sh` are run by the tests
    pages/**/*.md.jinja   rendered from a view of `reference`, by the means of our templates

Nothing here is part of the wheel, of a run, or of what decides an output.
"""
