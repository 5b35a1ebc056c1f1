"""Builds the package's wheel with the standard library alone: no network, no setuptools (PEP 517, PEP 660).

What `dotnet publish src/FastSim.Cli -c Release -r linux-x64 -p:NativeLib=Shared -o artifacts/library` left becomes part of the
wheel, or of the folder that FASTSIM_LIBRARY names a library in; where there is neither, the wheel is of Python alone.
"""

import base64
import hashlib
import io
import os
import pathlib
import re
import tarfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
FIELDS = dict(re.findall(r'^([a-z-]+) = "(.*)"$', (HERE / "pyproject.toml").read_text(encoding="utf-8"), re.M))
# As the specification of wheels writes a name: runs of "-", "_" and "." are one "_".
STEM = f"{re.sub(r'[-_.]+', '_', FIELDS['name']).lower()}-{FIELDS['version']}"
INFO = f"{STEM}.dist-info"
METADATA = (
    f"Metadata-Version: 2.1\nName: {FIELDS['name']}\nVersion: {FIELDS['version']}\n"
    f"Summary: {FIELDS['description']}\nRequires-Python: {FIELDS['requires-python']}\n"
)


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    native = _native()
    files = {f"fastsim/{path.name}": path for path in sorted((HERE / "fastsim").glob("*.py"))}
    files.update({f"fastsim/native/{name}": path for name, path in native.items()})
    return _write(wheel_directory, {name: path.read_bytes() for name, path in files.items()}, bool(native))


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    return _write(wheel_directory, {"fastsim.pth": f"{HERE}\n".encode()}, False)


def build_sdist(sdist_directory, config_settings=None):
    name = f"{STEM}.tar.gz"
    with tarfile.open(pathlib.Path(sdist_directory) / name, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        for path in [HERE / "pyproject.toml", HERE / "wheel_backend.py", *sorted((HERE / "fastsim").glob("*.py"))]:
            archive.add(path, f"{STEM}/{path.relative_to(HERE)}")
        info = tarfile.TarInfo(f"{STEM}/PKG-INFO")
        info.size = len(METADATA.encode())
        archive.addfile(info, io.BytesIO(METADATA.encode()))
    return name


def _native():
    """The library, what it loads, and the chips that come with the program, by their names in the wheel."""
    stated = os.environ.get("FASTSIM_LIBRARY")
    folder = pathlib.Path(stated).resolve().parent if stated else HERE.parent / "artifacts" / "library"
    if not (folder / "libfastsim.so").is_file():
        return {}
    names = ["libfastsim.so", *(path.name for path in folder.glob("libonnxruntime*.so*"))]
    names += [f"data/systems/{path.name}" for path in sorted((folder / "data" / "systems").glob("*.json"))]
    return {name: folder / name for name in names}


def _write(folder, contents, is_native):
    tag = "py3-none-linux_x86_64" if is_native else "py3-none-any"
    name = f"{STEM}-{tag}.whl"
    contents = dict(contents)
    contents[f"{INFO}/METADATA"] = METADATA.encode()
    contents[f"{INFO}/WHEEL"] = (
        f"Wheel-Version: 1.0\nGenerator: fastsim\nRoot-Is-Purelib: {str(not is_native).lower()}\nTag: {tag}\n".encode()
    )
    record = "".join(f"{path},sha256={_digest(content)},{len(content)}\n" for path, content in contents.items())
    contents[f"{INFO}/RECORD"] = f"{record}{INFO}/RECORD,,\n".encode()
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in contents.items():
            archive.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)
    return name


def _digest(content):
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
