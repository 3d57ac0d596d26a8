"""The environment of a process that trains or generates: what is on a list, and nothing else."""

import os
from collections.abc import Mapping, Sequence

_NAMES = {
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TMPDIR", "XDG_CACHE_HOME"),
    *("LD_LIBRARY_PATH", "OMP_NUM_THREADS", "CC", "CXX"),  # Triton compiles
    *("HF_HOME", "HF_HUB_CACHE", "HF_XET_CACHE"),
}
_BEGINNINGS = (
    *("LC_", "CUDA_", "NVIDIA_", "HIP_", "HSA_", "ROCR_", "ROCM_", "MKL_", "KMP_"),
    *("NCCL_", "GLOO_", "TORCH_", "PYTORCH_", "TRITON_"),
)
_NETWORK = {
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
}
_HUB = {"HF_TOKEN", "HF_ENDPOINT"}
_TRACKERS = {
    "tensorboard": ("TENSORBOARD_",),
    "wandb": ("WANDB_",),
    "mlflow": ("MLFLOW_",),
    "comet_ml": ("COMET_",),
    "clearml": ("CLEARML_",),
    "neptune": ("NEPTUNE_",),
    "trackio": ("TRACKIO_",),
    "swanlab": ("SWANLAB_",),
    "dvclive": ("DVCLIVE_",),
    "codecarbon": ("CODECARBON_",),
}
"""Tracker → how the names of its own variables begin. Others get none: a name is only a word."""

_ALWAYS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONIOENCODING": "utf-8",
}


def environment(
    source: Mapping[str, str] | None = None, *, fetch: bool = False, trackers: Sequence[str] = ()
) -> dict[str, str]:
    """The environment that such a process gets.

    Args:
        source: What to choose from; this process's own, unless given.
        fetch: Whether it may reach Hugging Face; it gets the token for it as well.
        trackers: Whose variables it gets, as far as they are known.

    Example:
        >>> found = environment({"HOME": "/h", "DB_PASSWORD": "x", "WANDB_API_KEY": "y"},
        ...                     trackers=["wandb"])
        >>> found["HOME"], found["WANDB_API_KEY"], "DB_PASSWORD" in found, found["HF_HUB_OFFLINE"]
        ('/h', 'y', False, '1')
    """
    given = os.environ if source is None else source
    names = _NAMES | (_NETWORK if fetch or trackers else set()) | (_HUB if fetch else set())
    theirs = [beginning for each in trackers for beginning in _TRACKERS.get(each, ())]
    beginnings = (*_BEGINNINGS, *theirs)
    found = {k: v for k, v in given.items() if k in names or k.startswith(beginnings)}
    return found | ({} if fetch else {"HF_HUB_OFFLINE": "1"}) | _ALWAYS
