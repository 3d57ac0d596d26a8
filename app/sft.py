"""Which workspace the old face speaks about, and the names that its users import.

The data directory and the configuration directory are globals that a setter changes; a request
finds the workspace that they name at that moment.
"""

import threading
from pathlib import Path
from typing import Any

from corrigenda.api.schemas import SubmitRequest
from corrigenda.core.taxonomy import FailureCategory
from corrigenda.errors import WorkspaceInUse
from corrigenda.workbench import Workspace

__all__ = ["FailureCategory", "SubmitRequest", "set_sft_config_dir", "set_sft_data_dir"]

_ROOT = Path(__file__).resolve().parent.parent
_SFT_DATA_DIR: Path | None = None
_SFT_CONFIG_DIR: Path | None = None

_lock = threading.Lock()
_open: Workspace | None = None


def set_sft_data_dir(path: Path | None) -> None:
    """Use another data directory; `None` is `data` beside this package."""
    global _SFT_DATA_DIR
    _SFT_DATA_DIR = path
    _close()


def set_sft_config_dir(path: Path | None) -> None:
    """Use another directory for `label_tool.yaml`; `None` is `config` beside this package."""
    global _SFT_CONFIG_DIR
    _SFT_CONFIG_DIR = path
    _close()


def workspace() -> Workspace:
    """The workspace that the globals name now, opened when it is first asked for.

    Raises:
        WorkspaceInUse: Another process keeps its files.
        CorrigendaError: It cannot be opened.
    """
    global _open
    with _lock:
        data, config = _data_dir(), _config_dir()
        if _open is not None and (_open.directory, _open.config_dir) != (data, config):
            _let_go()
        if _open is None or _open.closed:
            opened = Workspace.open(data, config_dir=config, roots=[Path.cwd()])
            if not opened.owns_files:
                opened.close()
                raise WorkspaceInUse(
                    f"Another process (a server, or an import) has the workspace `{data}` open; "
                    "wait for it, or stop it."
                )
            _open = opened
        return _open


def _close() -> None:
    with _lock:
        _let_go()


def _let_go() -> None:
    """Close within the lock: what opens the directory next must find its files free."""
    global _open
    previous, _open = _open, None
    if previous is not None:
        previous.close()


def _data_dir() -> Path:
    return (_SFT_DATA_DIR or _ROOT / "data").absolute()


def _config_dir() -> Path:
    return (_SFT_CONFIG_DIR or _ROOT / "config").absolute()


def _candidates_file() -> Path:
    return _data_dir() / "sft_candidates.jsonl"


def _approved_file() -> Path:
    return _data_dir() / "sft_approved.jsonl"


def _read_candidates() -> list[dict[str, Any]]:
    """Every candidate as it stands, in the order of arrival."""
    return list(workspace().candidates())
