"""FastSim in process: the best deployment of a language model on a chip, and how fast it will be.

    import fastsim
    answer = fastsim.run("data/runtimes/sample.json")
    answer["modes"][0]["jobs"][0]["decode"]["tokensPerSecondPerCard"]

Runtimes, models, systems and sweeps are paths or dicts; in a runtime's ``model_list`` and ``sys_list`` dicts may stand in place of paths,
and ``{"extends": "H100_SXM.json", "mem1": {"GBps": 5000}}`` is a chip. Answers are dicts, the ``--json`` of the command line; no file is
written but where ``output=`` or another option names one. ``frame`` makes tables of them. All functions may be called from any thread.
"""

import csv
import io

from ._faults import Fault, FastSimError, InputError
from ._native import Session
from ._plain import plain
from ._words import document, word, words

__all__ = ["Fault", "FastSimError", "InputError", "Session", "call", "frame", "plan", "rows", "run", "sweep"]


def call(arguments, documents=None, session=None):
    """Answers a command line: the words after ``fastsim`` (``["model", "show", "model.json", "--json"]``), and documents by the names
    that the words call them. Returns what the command prints.

    Raises InputError for what cannot be used, with the message of the command line, and Fault for a fault of FastSim's own.
    """
    given = {name: plain(value, str(name).strip("<>")) for name, value in (documents or {}).items()}
    return (session or Session.shared()).answer(arguments, given)


def run(runtime, session=None, **options):
    """The best plan of every job of a runtime, a path or a dict: ``{"modes": [{"jobs": [...]}], "warnings": [...]}``.

    Options are those of ``fastsim run --help``, dashes as underscores: ``accounting="physical"``, ``threads=1``. A job without
    a plan says ``hasPlan`` false, and its phases the ``nearestMiss``.
    """
    documents = {}
    name = document(runtime, "<runtime>", documents)
    return _session(session).ask(["run", "--config", name, "--json", "--quiet", *words(options)], documents)


def plan(model, chip, cards, input_tokens, output_tokens, session=None, **options):
    """The best deployment of a model on a chip, the next ones, and what no deployment beats.

    ``model`` is a path or a dict, ``chip`` a name, a path, a dict or a list of these; ``cards`` a number, or ``"8..128"`` beside ``rate``.
    Options are those of ``fastsim plan --help``: ``ttft=2000, tpot=30, engine="sglang", prefix_hit=0.3``.
    """
    documents = {}
    session = _session(session)
    stated = options.pop("systems", None) or []
    # The chips that come with the library are looked into last of the folders that are named.
    options["systems"] = [*(stated if isinstance(stated, (list, tuple)) else [stated]), *session.systems]
    chips = chip if isinstance(chip, (list, tuple)) else [chip]
    arguments = ["plan", document(model, "<model>", documents)]
    for index, each in enumerate(chips):
        arguments += ["--chip", document(each, f"<chip {index + 1}>.json", documents)]
    arguments += ["--cards", word(cards, "--cards"), "--in", word(input_tokens, "--in"), "--out", word(output_tokens, "--out"), "--json", "--quiet", *words(options)]
    return session.ask(arguments, documents)


def sweep(sweep, runtime=None, session=None, **options):
    """The best plan of every variant of a sweep, a path or a dict; ``runtime`` takes the place of a dict's own.

    ``columns`` of the answer has a list a column, None where a variant has no such figure; ``best`` the best row of each job by
    ``rankedBy``. With ``output=`` the files of ``fastsim sweep`` are written, and the answer is its summary.
    """
    documents = {}
    if isinstance(sweep, dict):
        sweep = dict(sweep)
        stated = sweep.get("runtime") if runtime is None else runtime
        if stated is not None:
            sweep["runtime"] = document(stated, "<runtime>", documents)
    elif runtime is not None:
        raise InputError("runtime: found one beside the path of a sweep; expected a sweep that is a dict, or none", 2)
    name = document(sweep, "<sweep>", documents)
    answer = _session(session).ask(["sweep", "--config", name, "--json", "--quiet", *words(options)], documents)
    if "csv" in answer:
        _take_rows(answer)
    return answer


def rows(answer):
    """The rows of an answer as a list of flat dicts: of a run a job, of a plan a ranked deployment, of a sweep a variant's job."""
    if "columns" in answer:
        names = list(answer["columns"])
        return [dict(zip(names, row)) for row in zip(*answer["columns"].values())]
    if "chips" in answer:
        return [_flat({"chip": chip["chip"], "model": chip["model"], **each}) for chip in answer["chips"] for each in chip.get("ranking", [])]
    if "modes" not in answer:
        raise InputError("answer: found a summary of files that were written; expected an answer of run, plan, or sweep without output", 2)
    return [_flat({"mode": mode["mode"], **job}) for mode in answer["modes"] for job in mode["jobs"]]


def frame(answer):
    """The rows of an answer as a pandas DataFrame, or as a pyarrow Table where pandas is not installed."""
    try:
        import pandas
    except ImportError:
        pandas = None
    if pandas is not None:
        return pandas.DataFrame(answer["columns"] if "columns" in answer else rows(answer))
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError("frame needs pandas or pyarrow; rows(answer) needs neither") from error
    return pyarrow.table(answer["columns"]) if "columns" in answer else pyarrow.Table.from_pylist(_same_keys(rows(answer)))


def _session(session):
    return session or Session.shared()


def _take_rows(answer):
    texts = set(answer.pop("texts"))
    table = list(csv.reader(io.StringIO(answer.pop("csv"))))
    cells = list(zip(*table[1:])) or [()] * len(table[0])
    columns = {}
    for name, column in zip(table[0], cells):
        columns[name] = list(column) if name in texts else [_number(cell) for cell in column]
    answer["columns"] = columns
    best = {}
    for index, value in enumerate(columns[answer["rankedBy"]]):
        job = columns["job"][index]
        if value is not None and (job not in best or value > columns[answer["rankedBy"]][best[job]]):
            best[job] = index
    answer["best"] = [{name: column[index] for name, column in columns.items()} for _, index in sorted(best.items())]


def _number(cell):
    if not cell:
        return None
    try:
        return int(cell)
    except ValueError:
        return float(cell)


def _flat(value, prefix=""):
    flat = {}
    for key, each in value.items():
        if isinstance(each, dict):
            flat.update(_flat(each, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = each
    return flat


def _same_keys(table):
    names = list(dict.fromkeys(name for row in table for name in row))
    return [{name: row.get(name) for name in names} for row in table]
