"""The C interface of libfastsim.so over ctypes (docs/library.md)."""

import ctypes
import json
import os
import pathlib
import platform
import sys
import threading

from ._faults import Fault, InputError
from ._plain import plain

NAME = "libfastsim.so"
NEEDED = ("avx2", "fma", "bmi2")
BUILD = "dotnet publish src/FastSim.Cli -c Release -r linux-x64 -p:NativeLib=Shared -o artifacts/library"

#: Nothing holds itself that `plain` let through.
_encode = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode

#: An answer is one object, and the line's end.
_decode = json.JSONDecoder().decode


class Session:
    """A session keeps the models and systems it read, and reads a file again when it changed. Threads may share one."""

    _shared = None
    _lock = threading.Lock()

    def __init__(self):
        path = _path()
        self._library = _library(path)
        chips = path.parent / "data" / "systems"
        self.systems = [str(chips)] if chips.is_dir() else []
        self._number = self._library.fastsim_create()
        self._free = self._library.fastsim_free

    @classmethod
    def shared(cls):
        """The session of the module's functions."""
        if cls._shared is None:
            with cls._lock:
                if cls._shared is None:
                    cls._shared = cls()
        return cls._shared

    def __del__(self):
        free = getattr(self, "_free", None)
        if free is not None and not _forked:
            free(self._number)

    def answer(self, arguments, documents):
        """What a command prints, as text."""
        if _forked:
            raise Fault("this process was forked from one that uses FastSim; start processes with multiprocessing's spawn or forkserver", 70)
        request = _encode({"arguments": plain(arguments, "arguments"), "documents": documents}).encode()
        text, length = ctypes.c_void_p(), ctypes.c_ssize_t()
        code = self._library.fastsim_solve(self._number, request, len(request), ctypes.byref(text), ctypes.byref(length))
        if not text.value:
            raise Fault("the answer takes more memory than there is", 70)
        try:
            answer = ctypes.string_at(text.value, length.value).decode()
        finally:
            self._library.fastsim_free_answer(text)
        if code in (0, 1, 3):
            return answer
        message = json.loads(answer)["error"]
        for name in documents:
            # Brackets keep names of dicts from those of files; messages name what the caller gave.
            message = message.replace(name, name.replace("<", "").replace(">", ""))
        raise (InputError if code == 2 else Fault)(message, code)

    def ask(self, arguments, documents):
        """What a command prints, as a dict."""
        return _decode(self.answer(arguments, documents))


def _library(path):
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Fault(f"found {sys.platform} on {platform.machine()}; expected Linux on x86_64: elsewhere the command line answers", 70)
    _check_processor()
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise Fault(f"{NAME} cannot be loaded: {error}", 70) from error
    library.fastsim_create.argtypes = []
    library.fastsim_create.restype = ctypes.c_int64
    library.fastsim_solve.argtypes = [ctypes.c_int64, ctypes.c_char_p, ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_void_p]
    library.fastsim_solve.restype = ctypes.c_int
    library.fastsim_free_answer.argtypes = [ctypes.c_void_p]
    library.fastsim_free_answer.restype = None
    library.fastsim_free.argtypes = [ctypes.c_int64]
    library.fastsim_free.restype = None
    os.register_at_fork(after_in_child=_note_fork)
    return library


def _path():
    stated = os.environ.get("FASTSIM_LIBRARY")
    here = pathlib.Path(__file__).resolve().parent
    places = [pathlib.Path(stated)] if stated else [here / "native" / NAME, here.parents[1] / "artifacts" / "library" / NAME]
    for place in places:
        if place.is_file():
            return place
    raise Fault(f"found no {NAME} at {' or '.join(map(str, places))}; build it with: {BUILD}, then install the package again", 70)


def _check_processor():
    """The library's code is made of these; without them its runtime would end the process."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return
    flags = next((line.split(":", 1)[1].split() for line in text.splitlines() if line.startswith("flags")), None)
    missing = [flag for flag in NEEDED if flags is not None and flag not in flags]
    if missing:
        raise Fault(f"found a processor without {', '.join(missing)}; expected one with {', '.join(NEEDED)} (x86-64-v3)", 70)


_forked = False


def _note_fork():
    global _forked
    _forked = True
