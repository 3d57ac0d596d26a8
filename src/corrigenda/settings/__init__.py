"""Settings: the environment and `label_tool.yaml`, resolved once, frozen."""

from corrigenda.settings.config import (
    CONFIG_NAME,
    EndpointConfig,
    Mappings,
    WorkspaceConfig,
    read_config,
)
from corrigenda.settings.environment import DEFAULT_URL, DEFAULT_WORKSPACE, Settings
from corrigenda.settings.writing import (
    check_mapping_name,
    write_bench_results_dir,
    write_mapping,
    write_taxonomy,
)

__all__ = [
    "CONFIG_NAME",
    "DEFAULT_URL",
    "DEFAULT_WORKSPACE",
    "EndpointConfig",
    "Mappings",
    "Settings",
    "WorkspaceConfig",
    "check_mapping_name",
    "read_config",
    "write_bench_results_dir",
    "write_mapping",
    "write_taxonomy",
]
