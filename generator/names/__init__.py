"""Words -> spelling. One identity, spelled by each surface's custom.

spelling      a name as written -> its words -> how a convention spells them
conventions   the table: the case and the kept words of each kind of name
calls         the pass: every function of an API as it is called on every surface
files         names of files
"""

from .calls import (
    Called,
    argument,
    attributes,
    called,
    commands,
    flags,
    job_commands,
    keyword,
    root_words,
)
from .conventions import (
    ARGUMENT_FLAG,
    CLASS,
    CLIENT,
    COMMAND,
    CONSTANT,
    FIELD,
    FLAG,
    LUA,
    LUA_CLIENT,
    MEMBER,
    NAMESPACE,
    ON_CLIENT,
    ON_JOB,
    ON_RESOURCE,
    OPERATION,
    PACKAGE,
    PYTHON,
    PYTHON_CLASS,
    PYTHON_MODULE,
    SLUG,
    SNAKE,
    TOOL,
)
from .files import (
    LONGEST,
    FileNames,
    file_names,
    shortened,
)
from .spelling import (
    Convention,
    Identifier,
    Words,
    collisions,
    words,
)

__all__ = [
    "ARGUMENT_FLAG",
    "CLASS",
    "CLIENT",
    "COMMAND",
    "CONSTANT",
    "FIELD",
    "FLAG",
    "LONGEST",
    "LUA",
    "LUA_CLIENT",
    "MEMBER",
    "NAMESPACE",
    "ON_CLIENT",
    "ON_JOB",
    "ON_RESOURCE",
    "OPERATION",
    "PACKAGE",
    "PYTHON",
    "PYTHON_CLASS",
    "PYTHON_MODULE",
    "SLUG",
    "SNAKE",
    "TOOL",
    "Called",
    "Convention",
    "FileNames",
    "Identifier",
    "Words",
    "argument",
    "attributes",
    "called",
    "collisions",
    "commands",
    "file_names",
    "flags",
    "job_commands",
    "keyword",
    "root_words",
    "shortened",
    "words",
]
