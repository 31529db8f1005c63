"""The API as a Model Context Protocol server: one tool a function, over stdio."""
