"""When a test gives up on what never comes."""

HANGS = 1800
"""Seconds after which a program, an answer or a thread is taken to hang. It measures nothing: a machine that does ten
other things meanwhile is slow, and no test may fail by that."""
