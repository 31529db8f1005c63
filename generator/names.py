"""Words -> spelling. One identity, spelled by each surface's custom.

A name is safe to stand in code by its type: `Identifier` is made here and nowhere else.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from .errors import Finding
from .text import Code

Words = tuple[str, ...]

_UNACCENTED = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"})
"""Letters that no decomposition turns into ASCII and whose spelling without an accent is customary."""
_BREAKS = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Identifier(Code):
    """A name spelled for one language; letters, digits and that language's joiner only."""

    __slots__ = ()


def words(text: str) -> Words:
    """The words of a name as written: `webhookEventsFilter` -> ("webhook", "events", "filter").

    Letters outside ASCII lose their accents; what has no ASCII letter at all is spelled by code point,
    so that two different names never become the same one by losing everything.
    """
    plain = unicodedata.normalize("NFKD", text.translate(_UNACCENTED))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = "".join(c if c.isascii() else f" u{ord(c):x} " for c in plain)
    return tuple(part.lower() for part in _BREAKS.split(plain) if part) or ("empty",)


def _snake(parts: Words) -> str:
    return "_".join(parts)


def _kebab(parts: Words) -> str:
    return "-".join(parts)


def _pascal(parts: Words) -> str:
    return "".join(part[:1].upper() + part[1:] for part in parts)


def _screaming(parts: Words) -> str:
    return "_".join(parts).upper()


@dataclass(frozen=True)
class Convention:
    """How one kind of name is spelled: a case, and the words that the language keeps for itself."""

    case: Callable[[Words], str]
    reserved: frozenset[str] = frozenset()
    suffix: str = "_"
    """What sets a reserved word apart: `from_`."""
    prefix: str = "n"
    """What a name that begins with a digit is given: `n3d`."""

    def spell(self, name: Words) -> Identifier:
        """The spelling of these words. Always a valid name of the language, never a reserved word."""
        spelled = self.case(name)
        if not spelled[:1].isalpha():
            spelled = self.case((self.prefix, *name)) if spelled[:1].isdigit() else self.prefix + spelled
        return Identifier(spelled + self.suffix if spelled in self.reserved else spelled)


def collisions(convention: Convention, named: Iterable[tuple[Words, str, str]]) -> list[Finding]:
    """Findings for names that are spelled alike; `named` gives (words, name as written, place)."""
    seen: dict[str, tuple[str, str]] = {}
    found = []
    for name, written, place in named:
        spelled = str(convention.spell(name))
        if spelled in seen:
            other, there = seen[spelled]
            found.append(
                Finding(
                    place,
                    f"{written!r} is spelled {spelled!r}, as is {other!r} at {there}",
                    "rename one of them in the catalog",
                )
            )
        else:
            seen[spelled] = (written, place)
    return found


_PYTHON = frozenset(keyword.kwlist) | frozenset(keyword.softkwlist) - {"type", "match", "case"}
_LUA = frozenset(
    ["and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil"]
    + ["not", "or", "repeat", "return", "then", "true", "until", "while"]
)

_MODULES = (
    "abc aifc annotationlib argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii"
    " binhex bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs codeop collections"
    " colorsys compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes"
    " curses dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno"
    " faulthandler fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt"
    " getpass gettext glob graphlib grp gzip hashlib heapq hmac html http idlelib imaplib imghdr imp importlib"
    " inspect io ipaddress itertools json keyword lib2to3 linecache locale logging lzma macpath mailbox mailcap"
    " marshal math mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath"
    " nturl2path numbers opcode operator optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes"
    " pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc"
    " pydoc_data pyexpat queue quopri random re readline reprlib resource rlcompleter runpy sched secrets select"
    " selectors shelve shlex shutil signal site smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile"
    " sre_constants sre_parse ssl stat statistics string stringprep struct subprocess sunau symbol symtable sys"
    " sysconfig syslog tabnanny tarfile telnetlib tempfile termios textwrap threading time timeit tkinter token"
    " tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib"
    " uu uuid venv warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile"
    " zipimport zlib zoneinfo"
    " anyio certifi click h11 httpcore httpcore2 httpx httpx2 idna jq jsonschema_rs keyring lupa mcp mcp_types pydantic"
    " starlette uvicorn yaml"
)
"""What a package's modules import, and what comes with Python: another of such a name would hide it, or be hidden."""
_LUA_MODULES = (
    "bit cjson coroutine debug dkjson ffi io jit json ltn12 math mime ngx os package socket ssl string table utf8"
)
_SANDBOX = (
    "_G _VERSION app array assert collectgarbage coroutine docs dump error getmetatable ipairs json load log math next"
    " object os pairs parallel pcall print progress rawequal rawget rawlen rawset regex schema select setmetatable string"
    " table tonumber tostring type utf8 xpcall"
)
"""What scripts in code mode have beside the API."""
_OFFERED = (
    "APIConnectionError APIError APIResponseValidationError APIStatusError APITimeoutError InternalServerError"
    " ApiConnectionError ApiError ApiTimeoutError ArgumentError AsyncClient AsyncClientExtensions AsyncClientFunctions"
    " AsyncFileOutput AsyncPage AsyncStreamedResponse AuthenticationError BadRequestError BudgetError Client ClientExtensions"
    " ClientFunctions ConfigError ConflictError ContentTooLargeError Error FileOutput GoneError JobError"
    " JobTimeoutError NotFoundError OMIT Page PaymentRequiredError PermissionDeniedError RateLimitError RawResponse"
    " ResponseError RetryPolicy ServerError StreamedResponse SyncClient UnprocessableEntityError WebhookError"
)
"""What a package offers beside the client, and what a client is made of."""

SNAKE = Convention(_snake)
"""What has no words of its own to keep."""
PYTHON = Convention(_snake, _PYTHON | {"self", "cls", "None", "True", "False"})
"""Parameters, methods and attributes."""
PYTHON_MODULE = Convention(_snake, _PYTHON | {"runtime", "functions", "types", "client", "operations"})
NAMESPACE = Convention(_snake, _LUA | frozenset(_SANDBOX.split()), suffix="_api")
"""The API's name as a global of scripts."""
PACKAGE = Convention(
    _snake, _PYTHON | NAMESPACE.reserved | frozenset(f"{_MODULES} {_LUA_MODULES}".split()), suffix="_api"
)
"""The package's name in Python and in Lua, and where nothing else is said the API's."""
PYTHON_CLASS = Convention(_pascal, _PYTHON | frozenset(dir(builtins)), prefix="N")
CLIENT = Convention(_pascal, PYTHON_CLASS.reserved | frozenset(_OFFERED.split()), suffix="Api", prefix="N")
LUA = Convention(_snake, _LUA)
FLAG = Convention(_kebab)
"""Flags and commands of the CLI, without their dashes."""
SLUG = Convention(_snake)
"""File names of pages."""
CONSTANT = Convention(_screaming, prefix="N")

LONGEST = 100
"""Characters of a name that becomes a file's; file systems take 255 bytes, and endings and folders come on top."""
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])
"""Names that Windows keeps, whatever comes after a dot."""


@dataclass(frozen=True)
class FileNames:
    """The names of files of one folder, by the keys of what they hold."""

    of: Mapping[str, Identifier]
    changed: Mapping[str, str]
    """key -> why it is not called as it is spelled"""


def file_names(spelled: Mapping[str, str], taken: Iterable[str] = ()) -> FileNames:
    """A name for each, that every file system takes and that no other has, in upper case or lower.

    spelled: by key, as the convention has it; a dot stands between steps. taken: by files that are always there.
    """
    used = {name.lower() for name in taken}
    found: dict[str, Identifier] = {}
    changed: dict[str, str] = {}
    for key, name in spelled.items():
        plain = name if len(name) <= LONGEST else _cut(name)
        if plain.partition(".")[0].lower() in _DEVICES:
            plain = f"{plain}_"
        given, number = plain, 2
        while given.lower() in used:
            given, number = f"{plain}_{number}", number + 1
        if given != name:
            why = "is too long for a file" if len(name) > LONGEST else "is no name for a file, or another one's"
            changed[key] = f"{name[:LONGEST]!r} {why}; it is called {given!r}"
        used.add(given.lower())
        found[key] = Identifier(given)
    return FileNames(found, changed)


def _cut(name: str) -> str:
    """The words at the beginning and the end of a name, which tell one from another, as far as there is room."""
    room = LONGEST - len("_2000")
    head, tail = name[: room * 2 // 3], name[-(room // 3) :]
    head = head[: max(head.rfind("_"), head.rfind(".")) + 1] or head
    return f"{head.rstrip('_.')}_{tail[max(tail.find('_'), 0) :].strip('_.')}"


def shortened(name: Words) -> Words:
    """As many of the words as make a name for a file."""
    found = name[:1] if len(name[0]) <= LONGEST // 2 else (name[0][: LONGEST // 2],)
    for word in name[1:]:
        if len(_snake((*found, word))) > LONGEST // 2:
            break
        found = (*found, word)
    return found


def argument(words: Words) -> str:
    """The identity of an argument: its name in JSON, for MCP, Lua, `call` and the client's own tables."""
    return str(SNAKE.spell(words))
