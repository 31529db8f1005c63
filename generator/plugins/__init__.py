"""Surfaces by their names, wherever they come from.

registry   the entry points `surfacegen.surfaces`: ours, and those of other distributions
checkout   ours under the name of our distribution, where that is not installed
program    a surface that is a program
protocol   what it is given on standard input, and what it answers
process    one run of it
spelling   the names that it is given
guard      what a surface of others does wrong, told as its own fault
paths      where such a surface may lay a file
"""
