"""Libraries that talk while they are loaded: about what is not installed, and about each other."""

import contextlib
import os
import warnings
from collections.abc import Iterator

_ENVIRONMENT = {"TRANSFORMERS_VERBOSITY": "error", "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1"}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Load a library without its remarks; what the user has set in the environment stays."""
    added = {name: value for name, value in _ENVIRONMENT.items() if name not in os.environ}
    os.environ.update(added)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for name in added:
            os.environ.pop(name, None)
