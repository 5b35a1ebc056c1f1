"""What FastSim did not answer."""


class FastSimError(Exception):
    """What FastSim did not answer. ``exit_code`` is the command line's."""

    def __init__(self, message, exit_code):
        super().__init__(message)
        self.exit_code = exit_code


class InputError(FastSimError, ValueError):
    """Input that cannot be used: file, JSON path, what was found, what was expected (exit code 2)."""


class Fault(FastSimError, RuntimeError):
    """A fault of FastSim's own (exit code 70), or a library that cannot be used."""
