"""One gateway for many APIs: packages of surfacegen's, and MCP servers of others, behind one search and one policy."""
