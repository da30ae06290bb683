"""Which columns of a table are run, grid, input, response and errors: as named, else as called.

What a name does not settle is asked for, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hiddenlaw.data.columns import Column, find
from hiddenlaw.errors import FormatError, in_python, option, quoted, typed
from hiddenlaw.io._base import Columns
from hiddenlaw.io._channels import choose, no_such_column
from hiddenlaw.io._dates import EXAMPLE
from hiddenlaw.io._grids import grid_called, grid_of_dates, likely_grids
from hiddenlaw.io._remarks import Proposal, current
from hiddenlaw.io._table import Table

_INPUTS = ("input", "u")
_RESPONSES = ("response", "y")


@dataclass(frozen=True)
class Roles:
    """The columns of a table that are read, each in its part; None for what there is not."""

    input: tuple[Column, ...]
    response: tuple[Column, ...]
    x: Column | None
    run: Column | None
    response_error: tuple[Column, ...] | None

    @property
    def read(self) -> tuple[Column, ...]:
        """All but the runs, each once."""
        grid = () if self.x is None else (self.x,)
        every = (*self.input, *self.response, *(self.response_error or ()), *grid)
        return tuple(dict.fromkeys(every))

    def proposed(self, table: Table) -> Proposal:
        """What they are in this table."""
        groups = (
            ("error", self.response_error or ()),
            ("input", self.input),
            ("response", self.response),
            ("x", (self.x,)),
            ("run", (self.run,)),
        )
        return Proposal(
            tuple(column.header for column in table.columns),
            tuple(column.symbol for column in table.columns),
            tuple(column.unit for column in table.columns),
            tuple(table.kinds),
            {each.header: role for role, columns in groups for each in columns if each},
            table.step is not None,
        )

    def named(self) -> dict[str, list[str]]:
        """What names these columns: headers by role."""
        named: dict[str, tuple[Column, ...]] = {}
        if self.run is not None and self.run.header != "run":
            named["run"] = (self.run,)
        if self.x is not None:
            named["x"] = (self.x,)
        named |= {"input": self.input, "response": self.response}
        usual = tuple(f"{column.symbol}_error" for column in self.response)
        if self.response_error and usual != tuple(c.symbol for c in self.response_error):
            named["response_error"] = self.response_error
        return {role: [column.header for column in columns] for role, columns in named.items()}

    def options(self) -> list[str]:
        """What names these columns on a command line."""
        return [
            part
            for role, headers in self.named().items()
            for header in headers
            for part in (f"--{role.replace('_', '-')}", header)
        ]


def roles_of(table: Table, columns: Columns) -> Roles:
    """The columns to read. Raises `FormatError` for a name that is not there, and where names do
    not say which column is what: with the columns there are, and a command that would work.
    """
    path, known = table.path, table.columns

    def found(names: Sequence[str] | None, role: str) -> tuple[Column, ...]:
        return tuple(find(path, name, role, known) for name in names or ())

    run = next(iter(found(columns.run and [columns.run], "run")), None)
    x = next(iter(found(columns.x and [columns.x], "x")), None)
    inputs, responses = found(columns.input, "input"), found(columns.response, "response")
    errors = found(columns.response_error, "response_error")
    named = {*inputs, *responses, *errors, x, run}
    free = [column for column in known if column not in named]
    run = run or next((column for column in free if column.header == "run"), None)
    free = [column for column in free if column != run]
    numbers = [column for column in free if table.kinds[column.place] == "number"]
    filled = [column for column in free if table.kinds[column.place] != "empty"]
    x = x or grid_called(table, numbers) or grid_called(table, filled) or grid_of_dates(table, free)
    numbers, free = ([c for c in columns if c != x] for columns in (numbers, free))
    if table.own is not None:
        inputs = inputs or found(table.own[0], "input")
        responses = responses or found(table.own[1], "response")
    elif not (inputs or responses):
        inputs, responses = _told_by_errors(numbers)
    inputs = inputs or _called(table, numbers, _INPUTS) or _called(table, free, _INPUTS)
    responses = responses or _called(table, numbers, _RESPONSES) or _called(table, free, _RESPONSES)
    if not inputs or not responses:
        raise _question(table, columns, x, run, numbers, inputs, responses)
    roles = Roles(inputs, responses, x, run, _errors(table, columns, inputs, responses, x, run))
    spare = [column for column in numbers if column not in roles.read]
    usual = {"input", "response"} <= {column.symbol for column in roles.read}
    settled = table.own or (usual and not (columns.input or columns.response))
    if x is None and table.step is None and columns.dx is None and not settled:
        likely = likely_grids(table, spare, run)
        if likely:
            current().proposal = replace(roles, x=likely[0]).proposed(table)
            listed = ", ".join(column.header for column in known)
            raise FormatError(
                f"{path} has no column x (it has {listed}); name the grid with {option('x')}, for "
                f"example {option('x', likely[0].header)}, or give the step of the samples with "
                f"{option('dx')}"
            )
    return roles


def example(table: Table, roles: Roles) -> str:
    """What reads this file, and those read with it, and can be typed as it stands."""
    paths = [str(path) for path in current().paths or [table.path]]
    if typed():
        words = ("hiddenlaw", "check", *paths, *roles.options())
        return " ".join(quoted(part) for part in words)
    read = [in_python(path) for path in paths]
    files = read[0] if len(read) == 1 else f"[{', '.join(read)}]"
    named = [
        f"{role}="
        + (in_python(names[0]) if len(names) == 1 else f"[{', '.join(map(in_python, names))}]")
        for role, names in roles.named().items()
    ]
    return f"hl.load({', '.join([files, *named])})"


def tell(table: Table, roles: Roles) -> None:
    """Say to whoever listens what became of the columns."""
    survey = current()
    survey.options, survey.proposal = roles.options(), roles.proposed(table)
    survey.notes += [
        f"{column.header} is called {column.symbol} in equations"
        for column in roles.read
        if column.symbol != column.name
    ]
    used = {*roles.read, roles.run}

    def passed(kind: str, said: str) -> list[str]:
        left = [c.header for c in table.columns if table.kinds[c.place] == kind and c not in used]
        return [f"not read, {said}: {', '.join(left)}"] if left else []

    survey.notes += passed("empty", "empty") + passed("text", "text") + passed("date", "dates")
    survey.notes += passed("unsure", f"no certain dates, which are written as {EXAMPLE}")
    survey.notes += passed("other", "no vector of numbers")
    survey.remarks += passed("number", "not asked for")
    if table.headless:
        listed = ", ".join(column.header for column in table.columns)
        survey.remarks.append(f"no header; the columns are called {listed}")
    if roles.x is None and table.step is None:
        survey.remarks.append("no column gives the grid; sites are counted 1, 2, 3, …")


def _called(table: Table, free: list[Column], names: tuple[str, ...]) -> tuple[Column, ...]:
    """The column that goes by one of these names, if there is just one; in this very spelling
    before any other."""
    for name in names:
        able = [column for column in free if column.name.lower() == name]
        exact = [column for column in able if column.name == name] or able
        if len(exact) > 1:
            find(table.path, exact[0].name, names[0], exact)
        if len(exact) == 1:
            return (exact[0],)
    return ()


def _told_by_errors(numbers: list[Column]) -> tuple[tuple[Column, ...], tuple[Column, ...]]:
    """Input and response where two columns and the error of the second are all there is."""
    errors = {column.name for column in numbers if column.name.endswith("_error")}
    plain = [column for column in numbers if column.name not in errors]
    if len(plain) == 2 and errors == {f"{plain[1].name}_error"} and len(numbers) == 3:
        return (plain[0],), (plain[1],)
    return (), ()


def _errors(
    table: Table,
    columns: Columns,
    inputs: tuple[Column, ...],
    responses: tuple[Column, ...],
    x: Column | None,
    run: Column | None,
) -> tuple[Column, ...] | None:
    by_name = {column.symbol: column for column in table.columns}
    named = columns.response_error
    chosen = Columns(
        tuple(column.symbol for column in inputs),
        tuple(column.symbol for column in responses),
        x and x.symbol,
        run and run.symbol,
        named and tuple(find(table.path, n, "response_error", table.columns).symbol for n in named),
    )
    errors = choose(table.path, chosen, list(by_name)).response_error
    return None if errors is None else tuple(by_name[name] for name in errors)


def _question(
    table: Table,
    columns: Columns,
    x: Column | None,
    run: Column | None,
    free: list[Column],
    inputs: tuple[Column, ...],
    responses: tuple[Column, ...],
) -> FormatError:
    """What is asked where names do not say which column is the input, or which the response."""
    listed = [column.header for column in table.columns]
    if columns.input or columns.response:
        kind = "response" if inputs else "input"
        return no_such_column(table.path, kind, kind, listed)
    errors = {f"{column.name}_error" for column in free}
    left = [c for c in free if c.name not in errors and c not in (*inputs, *responses)]
    asked = f"{table.path} has the columns {', '.join(listed)}; name those to use with "
    asked += f"{option('input')} and {option('response')}"
    needed = (not inputs) + (not responses)
    if not free and x is None:
        return FormatError(
            f"{table.path} has {', '.join(listed)}, and none of these is a column of numbers; save "
            "each channel as a column, or vector, of its own"
        )
    if len(left) < needed:
        return FormatError(asked)
    if x is None and len(left) > needed:
        rising = likely_grids(table, left, run)
        x = next(iter(rising), None)
        left = [*(column for column in left if column not in rising), *rising[1:]]
    first = inputs[0] if inputs else left.pop(0)
    last = responses[0] if responses else left.pop(0)
    roles = Roles((first,), (last,), x, None, None)
    current().proposal = replace(roles, run=run).proposed(table)
    swapped = ", or the other way round" if needed == 2 and not left else ""
    return FormatError(f"{asked}, for example: {example(table, roles)}{swapped}")
