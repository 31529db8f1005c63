"""`python -m package` for those who start programs by name: asks the package's server for a process and stands for it.

Its descriptors, environment, folder and group are the process's; signals go on to it, and so does being killed. Only
built-in modules are imported: starting this program takes a tenth of what it saves.
"""

import _signal
import _socket
import array
import marshal
import os
import sys

_, address, *words = sys.argv
places = []
for place in (0, 1, 2):
    try:
        os.fstat(place)
        places.append(place)
    except OSError:  # closed, as it will be there; nothing opened here may take its number
        os.open("/dev/null", os.O_RDWR)
connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
connection.connect(address)
mask = os.umask(0)
os.umask(mask)
request = {
    "words": words,
    "cwd": os.getcwd(),
    "env": {name: value for name, value in os.environ.items() if name != "LC_CTYPE"},
    "session": False,
    "terminal": False,
    "tied": True,
    "group": os.getpgrp(),
    "umask": mask,
    "places": places,
}
text = marshal.dumps(request)
descriptors = array.array("i", places)
connection.sendmsg([len(text).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
while text:
    text = text[connection.send(text) :]
if not (child := int.from_bytes(connection.recv(8), "big")):
    sys.exit("the server that forks has ended")
for number in (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP):
    _signal.signal(number, lambda number, _: os.kill(child, number))
# Whoever reads the other end sees its end when the process closes it.
for place in (0, 1, 2):
    os.close(place)
status = connection.recv(8)
code = os.waitstatus_to_exitcode(int.from_bytes(status, "big")) if status else -_signal.SIGKILL
if code < 0:
    if code != -_signal.SIGKILL:
        _signal.signal(-code, _signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
