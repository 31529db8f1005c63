"""Rules that every run holds, and advice for maintainers."""
