"""How the libraries behave in our processes: no telemetry, no bars, no caches elsewhere."""

import logging
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

CACHE = "cache"


def libraries(folder: Path) -> None:
    """Set the libraries up; before any of them is imported.

    Args:
        folder: Of the run; what `datasets` keeps goes there, see `forget`.
    """
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["HF_DATASETS_CACHE"] = str(folder / CACHE)
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    warnings.filterwarnings("ignore", category=FutureWarning)
    from transformers.utils import logging as theirs

    hide: Any = theirs.disable_progress_bar  # a function without types
    hide()
    logging.getLogger("transformers").setLevel(logging.ERROR)


def forget(folder: Path) -> None:
    """Remove what `datasets` has kept."""
    shutil.rmtree(folder / CACHE, ignore_errors=True)
