"""The location of the user's configuration."""

from __future__ import annotations

import os
from pathlib import Path

from .. import about
from .errors import ConfigError

CONFIG_ENV = f"{about.PACKAGE.upper()}_CONFIG"


def config_path() -> Path:
    """The path of the file: from the environment, else in the user's configuration folder."""
    if path := os.environ.get(CONFIG_ENV):
        return _expanded(Path(path), CONFIG_ENV)
    # A relative XDG_CONFIG_HOME is to be ignored, says its specification.
    home = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(home) if os.path.isabs(home) else _expanded(Path("~/.config"), "HOME")
    return folder / about.PACKAGE / "config.json"


def _expanded(path: Path, variable: str) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:
        raise ConfigError(f"{variable}: {path} is in the home folder of nobody: set {CONFIG_ENV} to a path") from None
