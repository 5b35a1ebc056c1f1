"""Values as JSON has them: numbers of numpy, paths and tuples as what they stand for, anything else with its place in the message."""

import os
import re

from ._faults import InputError

#: As deep as the library reads JSON.
DEEPEST = 64


_SINGLE = frozenset((str, int, float, bool, type(None)))


def plain(value, place):
    """The value as text, a number, True, False, None, a list or a dict of these: the value itself where it is that already.

    Raises InputError for what has no such form, with the place as the command line writes it: ``runtime: pd-fusion.cards[0]``.
    """
    return value if _is_plain(value, 0) else _made_plain(value, place, 0)


def _is_plain(value, depth):
    """Whether a value is what JSON has, through and through. Most are: they need no copy, and no names of places."""
    kind = type(value)
    if kind in _SINGLE:
        return True
    if depth > DEEPEST:
        return False
    if kind is dict:
        for key, each in value.items():
            if type(key) is not str or (type(each) not in _SINGLE and not _is_plain(each, depth + 1)):
                return False
        return True
    if kind is list:
        for each in value:
            if type(each) not in _SINGLE and not _is_plain(each, depth + 1):
                return False
        return True
    return False


def _made_plain(value, place, depth):
    if value is None or isinstance(value, (str, bool)) or type(value) in (int, float):
        return value
    if depth > DEEPEST:
        raise InputError(f"{re.split(r'[:[]', place)[0]}: found lists and dicts deeper than {DEEPEST}, or one that holds itself; expected at most {DEEPEST}", 2)
    if isinstance(value, dict):
        found = {}
        for key, each in value.items():
            if not isinstance(key, str):
                raise InputError(f"{place}: found the key {key!r}, of {type(key).__name__}; expected text", 2)
            found[str(key)] = _made_plain(each, f"{place}.{key}" if ": " in place else f"{place}: {key}", depth + 1)
        return found
    if isinstance(value, (list, tuple)):
        return [_made_plain(each, f"{place}[{index}]", depth + 1) for index, each in enumerate(value)]
    if isinstance(value, os.PathLike):
        return os.fsdecode(os.fspath(value))
    # Numbers and arrays of numpy, which is not asked for.
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        listed = value.tolist()
        if listed is not value:
            return _made_plain(listed, place, depth + 1)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    raise InputError(f"{place}: found {type(value).__name__}; expected text, a number, a list or a dict", 2)
