"""What the mock answers when a request cannot be served: RFC 9457's problem+json."""

from __future__ import annotations

import http
from typing import Any


class Problem(Exception):
    """A refusal: its status, its detail, and the fields that are to blame."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        fields: list[dict[str, Any]] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        title: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = fields or []
        self.headers = headers
        self.title = title

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title or http.HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.fields:
            document["invalid_fields"] = self.fields
        return document
