"""Text tables: one row a site, columns `run,x,input,response`, or whatever names the file gives.

Commas, semicolons, tabs or blanks between the fields, a header or none. Without a column `run` the
whole file is one run; without a column `x`, `t` or `time` the sites are counted 1, 2, 3, ... The
standard errors of a response `rho` are the column `rho_error`. Numbers are written with the digits
that give back the same float64, a missing sample as an empty field, and a comment says which
columns are inputs and which responses. Units, hold and truth are not written.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from hiddenlaw.data.dataset import Dataset
from hiddenlaw.errors import FormatError
from hiddenlaw.io._base import Columns, Format
from hiddenlaw.io._table import OWN, open_table
from hiddenlaw.io._tabular import dataset_of


class Csv(Format):
    name = "long CSV"
    suffixes = (".csv", ".csv.gz", ".tsv", ".txt", ".dat")
    carries_truth = False

    def read(self, path: Path, columns: Columns, *, allow_missing: bool = False) -> Dataset:
        return dataset_of(open_table(path), columns, allow_missing=allow_missing)

    def write(self, dataset: Dataset, path: Path) -> None:
        import pandas

        runs, sites = dataset.runs, dataset.sites
        table: dict[str, np.ndarray] = {
            "run": np.repeat(np.arange(runs), sites),
            dataset.x_name: np.tile(dataset.x, runs),
        }
        for names, values in (
            (dataset.input_names, dataset.input),
            (dataset.response_names, dataset.response),
        ):
            table |= {name: values[:, :, c].ravel() for c, name in enumerate(names)}
        if dataset.response_error is not None:
            for c, response in enumerate(dataset.response_names):
                name = f"{response}_error"
                if name in table:
                    raise FormatError(
                        f"a CSV keeps the errors of {response} in a column {name}, and the data "
                        "have a channel of this name; rename it, or write .nc or .npz"
                    )
                table[name] = dataset.response_error[:, :, c].ravel()
        head = OWN.format(" ".join(dataset.input_names), " ".join(dataset.response_names))
        separator = "\t" if path.suffix.lower() == ".tsv" else ","
        packed = path.suffix.lower() == ".gz"
        opened = gzip.open if packed else open
        with opened(path, "wt", encoding="utf-8", newline="") as file:
            file.write(f"{head}\n")
            # pandas writes the shortest digits that give back the same float64.
            pandas.DataFrame(table).to_csv(file, index=False, lineterminator="\n", sep=separator)
