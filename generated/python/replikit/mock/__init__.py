"""An HTTP server that answers as the API does: with state, checked requests and results of the documented shape."""

from .server import Mock, serve

__all__ = ["Mock", "serve"]
