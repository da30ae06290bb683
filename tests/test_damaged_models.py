"""A run directory cut short is refused in one line, and no file is left open."""

import json

import pytest

import hiddenlaw as hl


@pytest.mark.filterwarnings("error")
def test_models_cut_short_are_damaged(tmp_path):
    record = {"format": "hiddenlaw.discovery", "version": 1, "theories": []}
    (tmp_path / "discovery.json").write_text(json.dumps(record))
    (tmp_path / "models.npz").write_bytes(b"PK\x03\x04" + bytes(200))
    with pytest.raises(hl.FormatError, match="is damaged"):
        hl.load_discovery(tmp_path)
