"""What a value is on the wire, or an ArgumentError that names the argument: `styles` says how, this what the text is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from math import isfinite
from typing import Any, TypeVar

from . import styles
from .errors import ArgumentError
from .jsontext import json_text, moment
from .operation import Param
from .views import View

T = TypeVar("T")


def pieces(param: Param, value: Any) -> list[str]:
    """The pieces of a path, query, cookie or form parameter, escaped, for the place to join."""
    return _written(styles.pieces, param, value)


def parts(param: Param, value: Any) -> list[tuple[str, str]]:
    """Names and texts of the parts that a field with a style is in multipart/form-data."""
    return _written(styles.parts, param, value)


def urlencoded(param: Param, value: Mapping[str, Any]) -> str:
    """An object as a form in a text."""
    return _written(lambda _, mapping, texts: styles.urlencoded(mapping, texts), param, value)


def path(param: Param, value: Any) -> str:
    """What stands in the place of a parameter of the path."""
    text = _written(styles.path, param, value)
    if not text:
        raise ArgumentError(param.name, "must not be empty")
    return text


def header(param: Param, value: Any) -> str:
    """The value of a header."""
    if param.encoding == "wait":
        text = _wait(param, value)
    elif param.encoding == "duration":
        text = _duration(param, value)
    else:
        text = _written(styles.header, param, value)
    if not text.isascii() or not text.isprintable():
        raise ArgumentError(param.name, "a header takes printable ASCII characters only")
    return text


def plain(param: Param, value: Any) -> str:
    """The text of a value, not escaped: what is no text, number or boolean is JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return moment(value)
    if isinstance(value, float) and not isfinite(value):
        raise ArgumentError(param.name, f"{value} is no number that can be sent")
    if isinstance(value, (str, int, float)):
        return str(value)
    if isinstance(value, (list, tuple, Mapping, View)):
        return json_text(param.name, value).decode()
    raise ArgumentError(param.name, f"a {type(value).__name__} cannot be sent here")


def mapping_of(value: Any) -> Mapping[str, Any] | None:
    """The value as an object, where it is one."""
    if isinstance(value, View):
        return value.to_dict()
    return value if isinstance(value, Mapping) else None


def _written(write: Callable[[Param, Any, styles.Texts], T], param: Param, value: Any) -> T:
    texts = styles.Texts(lambda item: plain(param, item), lambda item: json_text(param.name, item).decode())
    try:
        return write(param, value, texts)
    except ArgumentError:
        raise
    except UnicodeEncodeError as error:
        raise ArgumentError(param.name, "holds half of a character (a lone surrogate)") from error
    except ValueError as error:
        raise ArgumentError(param.name, str(error)) from error


def _wait(param: Param, value: Any) -> str:
    if value is True:
        return "wait"
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise ArgumentError(param.name, f"expected a whole number of seconds, not {value!r}")
    low, high = param.minimum if param.minimum is not None else 1, param.maximum
    if value < low or (high is not None and value > high):
        limit = f"between {low:g} and {high:g}" if high is not None else f"at least {low:g}"
        raise ArgumentError(param.name, f"{value} seconds; must be {limit}")
    return f"wait={int(value)}"


def _duration(param: Param, value: Any) -> str:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value != int(value) or value < (param.minimum or 0):
            raise ArgumentError(param.name, f"expected whole seconds, at least {param.minimum or 0:g}, not {value!r}")
        return f"{int(value)}s"
    if isinstance(value, str) and re.fullmatch(r"(?=\d)(\d+h)?(\d+m)?(\d+s?)?", value):
        return value
    raise ArgumentError(param.name, f"expected seconds or a duration such as 30s, 5m or 1h30m, not {value!r}")
