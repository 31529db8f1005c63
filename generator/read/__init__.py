"""Documents as written, typed, without any interpretation."""
