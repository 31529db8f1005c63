"""Pages -> files -> folder."""
