"""What `label_tool.yaml` says of models: where they are, and which endpoints can be asked."""

from pathlib import Path

import pytest

from corrigenda.errors import ConfigError
from corrigenda.settings import CONFIG_NAME, EndpointConfig, read_config


def write(folder: Path, text: str) -> None:
    (folder / CONFIG_NAME).write_text(text, "utf-8")


def test_models_and_endpoints(tmp_path: Path) -> None:
    config = read_config(tmp_path)
    assert (config.models_dir, config.endpoints) == (None, {})
    write(
        tmp_path,
        "sft:\n  models_dir: models\n  endpoints:\n"
        "    near: {url: 'http://127.0.0.1:8000/v1'}\n"
        "    far: {url: 'https://example.org/v1', api_key_env: FAR_KEY}\n",
    )
    config = read_config(tmp_path)
    assert config.models_dir == tmp_path / "models"
    assert config.endpoints == {
        "near": EndpointConfig("http://127.0.0.1:8000/v1"),
        "far": EndpointConfig("https://example.org/v1", "FAR_KEY"),
    }


@pytest.mark.parametrize(
    "said",
    ["models_dir: 3", "models_dir: ' '", "endpoints: [a]", "endpoints: {a: b}",
     "endpoints: {'../a': {url: 'http://x'}}", "endpoints: {a: {url: file:///etc/passwd}}",
     "endpoints: {a: {}}", "endpoints: {a: {url: 'http://me:secret@x'}}",
     "endpoints: {a: {url: 'http://x', key: sk-1}}",
     "endpoints: {a: {url: 'http://x', api_key_env: 3}}"],
)  # fmt: skip
def test_what_is_no_model_folder_or_endpoint(tmp_path: Path, said: str) -> None:
    write(tmp_path, f"sft: {{{said}}}")
    with pytest.raises(ConfigError) as error:
        read_config(tmp_path)
    assert "secret" not in error.value.message
