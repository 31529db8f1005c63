"""A resource that verifies the webhooks of the API."""

from __future__ import annotations

from typing import Generic, TypeVar

from ..jobs import operation_of
from ..secrets import Secret as Known
from ..views import at
from ..webhooks import TOLERANCE, Headers, Secret, info, payload, view
from .primitives import view_name
from .resources import AsyncResource

T = TypeVar("T")


class AsyncWebhookResource(AsyncResource, Generic[T]):
    """A resource that verifies the webhooks of the API."""

    _secret = ""

    async def unwrap(
        self, body: bytes | str, headers: Headers, *, secret: Secret | None = None, tolerance: float = TOLERANCE
    ) -> T:
        """Verifies that a webhook comes from the API, and returns its content.

        body: as it came, before anything decoded it.
        headers: of the request.
        secret: `whsec_…`; several while one replaces another. Without it the API is asked for it, once.
        tolerance: seconds that the request may be older or younger than now.
        Raises WebhookError where it is not valid.
        """
        about = info()
        if secret is None:
            if not self._secret:
                self._secret = Known(at(await self._client._call(operation_of(about.secret), {}), about.key) or "")
            secret = self._secret
        data = payload(body, headers, secret=secret, tolerance=tolerance)
        event: T = view(view_name(about), data, self._client)
        return event
