"""The table: how each kind of name is spelled on each surface, and the words that are kept there."""

from __future__ import annotations

import builtins
import keyword

from .spelling import Convention, kebab, pascal, screaming, snake

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
    " table tonumber tostring type utf8 webhooks xpcall"
)
"""What scripts in code mode have beside the API."""
_OFFERED = (
    "APIConnectionError APIError APIResponseValidationError APIStatusError APITimeoutError InternalServerError"
    " ApiConnectionError ApiError ApiTimeoutError ArgumentError AsyncClient AsyncClientExtensions AsyncClientFunctions"
    " AsyncFileOutput AsyncPage AsyncStreamedResponse AuthenticationError BadRequestError BudgetError Client ClientExtensions"
    " ClientFunctions ConfigError ConflictError ContentTooLargeError Error FileOutput GoneError JobError"
    " JobTimeoutError NotFoundError OMIT ObjectInput Page PaymentRequiredError PermissionDeniedError RateLimitError RawResponse"
    " ResponseError RetryPolicy ServerError StreamedResponse SyncClient UnprocessableEntityError WebhookError"
)
"""What a package offers beside the client, and what a client is made of."""

SNAKE = Convention(snake)
"""What has no words of its own to keep."""
PYTHON = Convention(snake, _PYTHON | {"self", "cls", "None", "True", "False"})
"""Parameters, methods and attributes."""
PYTHON_MODULE = Convention(snake, _PYTHON | {"runtime", "functions", "types", "client", "operations"})
NAMESPACE = Convention(snake, _LUA | frozenset(_SANDBOX.split()), suffix="_api")
"""The API's name as a global of scripts."""
PACKAGE = Convention(
    snake, _PYTHON | NAMESPACE.reserved | frozenset(f"{_MODULES} {_LUA_MODULES}".split()), suffix="_api"
)
"""The package's name in Python and in Lua, and where nothing else is said the API's."""
PYTHON_CLASS = Convention(pascal, _PYTHON | frozenset(dir(builtins)), prefix="N")
CLIENT = Convention(pascal, PYTHON_CLASS.reserved | frozenset(_OFFERED.split()), suffix="Api", prefix="N")
LUA = Convention(snake, _LUA)
FLAG = Convention(kebab)
"""Flags and commands of the CLI, without their dashes."""
SLUG = Convention(snake)
"""File names of pages."""
CONSTANT = Convention(screaming, prefix="N")
_TYPES_USED = (
    "Any AsyncJob AsyncPage AsyncResource FileInput Headers Items Job Literal Mapping ObjectInput Options Owner Page Required Resource"
    " Sequence Timeout TypedDict View WebhookResource AsyncWebhookResource"
)
MEMBER = Convention(snake, PYTHON.reserved | {"str", "int", "float", "bool", "bytes", "date", "datetime", "to_dict"})
FIELD = Convention(snake, MEMBER.reserved | {"keys"})
"""A field of a view, which is a mapping to `dict`."""
ON_JOB = Convention(snake, FIELD.reserved | {"cancel", "progress", "reload", "stream", "wait"})
_ON_BOTH = {"cached_property", "with_raw_response", "with_streaming_response"}
ON_RESOURCE = Convention(snake, MEMBER.reserved | _ON_BOTH | {"unwrap"})
_OF_CLIENT = (
    "answer answer_stream base_url batch call close cost download events follow follow_events functions hide open page"
    " page_after prepare request retries run runtime stream use with_options"
)
ON_CLIENT = Convention(snake, MEMBER.reserved | _ON_BOTH | frozenset(_OF_CLIENT.split()))
"""What the clients have of their own; tests hold each of these lists against the classes."""
CLASS = Convention(pascal, PYTHON_CLASS.reserved | frozenset(_TYPES_USED.split()), prefix="N")
OPERATION = Convention(
    screaming,
    frozenset({"JOBS", "OPERATIONS", "P", "TYPE_CHECKING", "UPLOAD", "WEBHOOKS"}),
    prefix="N",
)
LUA_CLIENT = Convention(
    snake,
    _LUA
    | frozenset(
        [
            "base_url",
            "build",
            "call",
            "each",
            "items",
            "stream",
            "find",
            "max_body",
            "max_empty_pages",
            "max_wait",
            "null",
            "timeout",
            "token",
            "wait",
        ]
    ),
)
"""Functions and groups of the plain module's client, beside what it has of its own."""
COMMAND = Convention(
    kebab,
    frozenset(
        [
            "api",
            "auth",
            "call",
            "completion",
            "config",
            "docs",
            "doctor",
            "examples",
            "functions",
            "gateway",
            "help",
            "lua",
        ]
        + ["man", "mcp", "mock", "schema", "search", "status"]
    ),
    suffix="-api",
)
"""Words at the top of the tree of commands, where commands of every API's CLI stand as well."""
ARGUMENT_FLAG = Convention(kebab, frozenset({"help"}), suffix="-value")
"""The flag of an argument."""

TOOL = 40
"""Characters of a function's name, which is a tool's. Models take 64, of which a host's prefix has 24: Claude Code's,
`mcp__SERVER__`, the longest that is put before every tool, of a server's name of up to 17. Where a plugin brings the
server (`mcp__plugin_PLUGIN_SERVER__`), the two names share the 9 characters that are left.
"""
