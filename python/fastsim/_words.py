"""Options and documents as the command line's words."""

import os

#: Options that may come several times; lists of others are one word, separated by commas.
SEVERAL = {"systems"}


def document(value, name, documents):
    """The word for a path or a dict: the path, or the name under which the dict is given."""
    if isinstance(value, dict):
        documents[name] = value
        return name
    return os.fspath(value)


def words(options):
    """``prefix_hit=0.3`` as ``--prefix-hit 0.3``; True is the option alone, None and False leave it out."""
    found = []
    for key, value in options.items():
        option = "--" + key.replace("_", "-")
        if value is True:
            found.append(option)
        elif value is None or value is False:
            continue
        elif isinstance(value, (list, tuple)) and key in SEVERAL:
            for each in value:
                found += [option, _word(each)]
        elif isinstance(value, (list, tuple)):
            found += [option, ",".join(_word(each) for each in value)]
        else:
            found += [option, _word(value)]
    return found


def _word(value):
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)
