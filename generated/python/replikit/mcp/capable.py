"""The SDK's server, which declares what the SDK does not know of: that calls may be polled for, and that lists change."""

from __future__ import annotations

from typing import Any

import mcp_types as types
from mcp.server.lowlevel import NotificationOptions, Server

from .asking import ANSWERED_SINCE
from .tasks import EXTENSION, Tasks


class CapableServer(Server[Any]):
    """A server with or without tasks, and with or without notifications of a changed list of tools."""

    tasks: Tasks | None = None
    tells_changes: bool = False
    """Whether hosts of the handshake era are notified of changes: this needs a pipe."""

    def serve_tasks(self, tasks: Tasks) -> None:
        """Offers tasks to hosts of both eras."""
        self.tasks = tasks
        tasks.join(self)

    def get_capabilities(
        self,
        notification_options: NotificationOptions | None = None,
        experimental_capabilities: dict[str, dict[str, Any]] | None = None,
        extensions: dict[str, dict[str, Any]] | None = None,
        *,
        protocol_version: str | None = None,
    ) -> types.ServerCapabilities:
        """The capabilities, as this revision's hosts receive them; without a revision, those of the handshake era."""
        changes = notification_options or NotificationOptions()
        changes.tools_changed = changes.tools_changed or self.tells_changes
        known = super().get_capabilities(
            changes, experimental_capabilities, extensions, protocol_version=protocol_version
        )
        if self.tasks is None:
            return known
        if protocol_version is not None and protocol_version >= ANSWERED_SINCE:
            return known.model_copy(update={"extensions": {**(known.extensions or {}), EXTENSION: {}}})
        return known.model_copy(update={"tasks": self.tasks.capability()})
