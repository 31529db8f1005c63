"""A resource that checks the requests that the API makes."""

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
    """A resource that checks the requests that the API makes."""

    _secret = ""

    async def unwrap(
        self, body: bytes | str, headers: Headers, *, secret: Secret | None = None, tolerance: float = TOLERANCE
    ) -> T:
        """What a webhook tells, once it is known to come from the API.

        body: as it came, before anything decoded it.
        headers: of the request.
        secret: `whsec_…`; several while one replaces another. Without it the API is asked, once.
        tolerance: seconds that the request may be older or younger than now.
        Raises WebhookError where it is not what it should be.
        """
        about = info()
        if secret is None:
            if not self._secret:
                self._secret = Known(at(await self._client._call(operation_of(about.secret), {}), about.key) or "")
            secret = self._secret
        data = payload(body, headers, secret=secret, tolerance=tolerance)
        event: T = view(view_name(about), data, self._client)
        return event
