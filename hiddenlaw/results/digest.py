"""The digest of a discovery: which arrays belong to which record, and that both are whole.

SHA-256 over the record, as JSON in one fixed form, and over every array: name, type, shape and
bytes. It stands in both files of a run directory, and is none of what was found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

NAME = "digest"


def digest_of(record: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """The digest of a record, as plain data, and its arrays; what they say of it does not count."""
    said = {key: value for key, value in record.items() if key != NAME}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    found = hashlib.sha256(text.encode("ascii"))
    for name in sorted(arrays.keys() - {NAME}):
        array = np.asarray(arrays[name])
        found.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()
