"""Tests of what needs no library: options, documents and frames. python -m unittest discover -s python/tests"""

import importlib.util
import pathlib
import re
import sys
import tempfile
import types
import unittest
import zipfile
from unittest import mock

import fastsim
from fastsim._plain import plain
from fastsim._words import document, words

PYTHON = pathlib.Path(__file__).resolve().parents[1]


class Number:
    """A number as numpy has them: no int, with a dtype and tolist."""

    dtype = "int64"

    def __init__(self, value):
        self.value = value

    def tolist(self):
        return self.value


class WordTests(unittest.TestCase):
    def test_numbers_of_numpy_and_paths_are_words(self):
        self.assertEqual(
            ["--top", "3", "--quiet", "--rate", "2.5", "--output", "out", "--acceptance", "0.8,0.7"],
            words({"top": Number(3), "quiet": Number(True), "json": Number(False), "rate": 2.5, "output": pathlib.Path("out"), "acceptance": (Number(0.8), 0.7)}))
        self.assertEqual(["--systems", "a", "--systems", "b"], words({"systems": [pathlib.Path("a"), "b"]}))

    def test_what_is_no_word_is_told(self):
        for value, found in (({"a": 1}, "{'a': 1}"), ([None], "None"), (object(), "object"), (b"x", "bytes"), ({1, 2}, "set")):
            with self.assertRaisesRegex(fastsim.InputError, "^--top(\\[0\\])?: found " + re.escape(found)):
                words({"top": value})

    def test_a_document_is_a_path_or_a_dict(self):
        documents = {}
        self.assertEqual("a/b.json", document(pathlib.Path("a/b.json"), "<runtime>", documents))
        self.assertEqual("<runtime>", document({"cards": Number(4), "files": [pathlib.Path("m.json")], "pair": (1, 2)}, "<runtime>", documents))
        self.assertEqual({"<runtime>": {"cards": 4, "files": ["m.json"], "pair": [1, 2]}}, documents)
        with self.assertRaisesRegex(fastsim.InputError, "^runtime: found int; expected a path or a dict$"):
            document(5, "<runtime>", documents)

    def test_a_place_is_named(self):
        with self.assertRaisesRegex(fastsim.InputError, r"^runtime: pd-fusion\.cards\[1\]: found object; expected text, a number, a list or a dict$"):
            plain({"pd-fusion": {"cards": [1, object()]}}, "runtime")
        with self.assertRaisesRegex(fastsim.InputError, r"^runtime: pd-fusion: found the key 5, of int; expected text$"):
            plain({"pd-fusion": {5: 1}}, "runtime")

    def test_depth_ends(self):
        deep = {}
        for _ in range(100_000):
            deep = {"a": deep}
        own = []
        own.append(own)
        for value in (deep, own):
            with self.assertRaisesRegex(fastsim.InputError, "^runtime: found lists and dicts deeper than 64, or one that holds itself"):
                plain(value, "runtime")
        del own[:]
        while deep:
            deep = deep["a"]

    def test_numbers_stay_what_they_are(self):
        value = plain({"a": [1, 2.5, True, None, "x", float("inf")]}, "runtime")
        self.assertEqual([1, 2.5, True, None, "x", float("inf")], value["a"])
        self.assertIs(True, value["a"][2])


class FrameTests(unittest.TestCase):
    """Frames by stand-ins for both libraries: what is handed to them is what matters."""

    SWEEP = {"columns": {"gbps": [2000, 4000], "reason": ["", "x"]}}
    RUN = {"modes": [{"mode": "pd-fusion", "jobs": [{"model": "a", "decode": {"cards": 4}}, {"model": "b"}]}]}
    ROWS = [{"mode": "pd-fusion", "model": "a", "decode.cards": 4}, {"mode": "pd-fusion", "model": "b"}]

    def test_pandas_takes_columns_or_rows(self):
        pandas = types.SimpleNamespace(DataFrame=lambda content: ("frame", content))
        with mock.patch.dict(sys.modules, {"pandas": pandas}):
            self.assertEqual(("frame", self.SWEEP["columns"]), fastsim.frame(self.SWEEP))
            self.assertEqual(("frame", self.ROWS), fastsim.frame(self.RUN))

    def test_pyarrow_takes_them_where_pandas_is_not(self):
        arrow = types.SimpleNamespace(table=lambda content: ("table", content), Table=types.SimpleNamespace(from_pylist=lambda content: ("rows", content)))
        with mock.patch.dict(sys.modules, {"pandas": None, "pyarrow": arrow}):
            self.assertEqual(("table", self.SWEEP["columns"]), fastsim.frame(self.SWEEP))
            self.assertEqual(("rows", [self.ROWS[0], {**self.ROWS[1], "decode.cards": None}]), fastsim.frame(self.RUN))

    def test_without_either_it_is_told(self):
        with mock.patch.dict(sys.modules, {"pandas": None, "pyarrow": None}), self.assertRaisesRegex(ImportError, "pandas or pyarrow"):
            fastsim.frame(self.RUN)


class WheelTests(unittest.TestCase):
    def test_a_wheel_is_named_as_the_specification_says(self):
        spec = importlib.util.spec_from_file_location("wheel_backend", PYTHON / "wheel_backend.py")
        backend = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(backend)
        with tempfile.TemporaryDirectory() as folder:
            name = backend.build_wheel(folder)
            self.assertRegex(name, r"^[a-z0-9_]+-[0-9.]+-py3-none-(any|linux_x86_64)\.whl$")
            with zipfile.ZipFile(pathlib.Path(folder) / name) as wheel:
                self.assertIn("fastsim/_plain.py", wheel.namelist())
                self.assertTrue(all(each.startswith(("fastsim/", name.rsplit("-", 3)[0] + ".dist-info/")) for each in wheel.namelist()))


if __name__ == "__main__":
    unittest.main()
