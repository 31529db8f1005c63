"""What an OpenID provider says of itself: OpenID Connect Discovery 1.0, 3 and 4.2.

It stands where the API's description has it, and its issuer is that place on the mock's own origin. The access tokens that
it gives are for the API. Where nothing is there to sign an ID token with, no algorithm is named for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import idtokens

_GRANTS = {
    "clientCredentials": "client_credentials",
    "password": "password",
    "authorizationCode": "authorization_code",
    "deviceAuthorization": "urn:ietf:params:oauth:grant-type:device_code",
}


def document(logins: Sequence[Mapping[str, Any]], origin: str) -> dict[str, Any]:
    """The OpenID provider that these flows belong to."""
    ends = {
        "authorization_endpoint": [path for each in logins for path in each["ask"]],
        "device_authorization_endpoint": [path for each in logins for path in each["device"]],
        "token_endpoint": [path for each in logins for path in each["token"]],
        "jwks_uri": [each["keys"] for each in logins],
    }
    return {
        "issuer": origin + logins[0]["issuer"],
        **{name: origin + paths[0] for name, paths in ends.items() if paths},
        "scopes_supported": list(dict.fromkeys(scope for each in logins for scope in each["scopes"])),
        "response_types_supported": ["code"],
        "grant_types_supported": [*dict.fromkeys(_GRANTS[each["kind"]] for each in logins), "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"] if idtokens.available() else [],
    }
