"""Surfaces by their names, wherever they come from.

registry   the entry points `surfacegen.surfaces`: ours, and those of other distributions
checkout   ours under the name of our distribution, where that is not installed
program    a surface that is a program
protocol   its input on standard input, and its answer
process    one run of it
spelling   the names in its input
guard      failures of a third-party surface, reported as its own
paths      where such a surface may lay a file
"""
