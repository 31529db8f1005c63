"""An HTTP server that answers as the API does: with state, checked requests and results of the documented shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calls import Call
    from .server import Mock, serve

__all__ = ["Call", "Mock", "serve"]


def __getattr__(name: str) -> Any:
    # Nothing is imported before it is asked for: pytest loads the plug-in beside this in every run.
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{'calls' if name == 'Call' else 'server'}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
