"""Options and documents as the command line's words."""

import os

from ._faults import InputError
from ._plain import plain

#: Options that may come several times; lists of others are one word, separated by commas.
SEVERAL = {"systems"}

_WORDS = frozenset((str, int, float))


def document(value, name, documents):
    """The word for a path or a dict: the path, or the name under which the dict is given."""
    if isinstance(value, dict):
        documents[name] = plain(value, name.strip("<>").replace(">", ""))
        return name
    if isinstance(value, (str, os.PathLike)):
        return _path(value)
    raise InputError(f"{name.strip('<>').replace('>', '')}: found {type(value).__name__}; expected a path or a dict", 2)


def words(options):
    """``prefix_hit=0.3`` as ``--prefix-hit 0.3``; True is the option alone, None and False leave it out."""
    found = []
    for key, value in options.items():
        option = "--" + key.replace("_", "-")
        if type(value) in _WORDS:
            found += [option, str(value)]
            continue
        value = plain(value, option)
        if value is True:
            found.append(option)
        elif value is None or value is False:
            continue
        elif isinstance(value, list) and key in SEVERAL:
            for each in value:
                found += [option, word(each, option)]
        elif isinstance(value, list):
            found += [option, ",".join(word(each, option) for each in value)]
        else:
            found += [option, word(value, option)]
    return found


def word(value, option):
    """A value as a word of the command line: text, a path, or a number of Python's or numpy's own."""
    value = plain(value, option)
    if value is None or isinstance(value, (bool, list, dict)):
        raise InputError(f"{option}: found {value!r}; expected text or a number", 2)
    return str(value)


def _path(value):
    path = os.fspath(value)
    return os.fsdecode(path) if isinstance(path, bytes) else path
