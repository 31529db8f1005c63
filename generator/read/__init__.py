"""Documents as written, typed: nothing here knows what they mean to people."""
