"""surfacegen: one description of an API in, every surface an agent or a person uses out."""
