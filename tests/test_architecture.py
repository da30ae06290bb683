"""The shape of the package: imports point one way, importing is cheap and changes nothing."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hiddenlaw

ROOT = Path(hiddenlaw.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))

# From the bottom to the top: a module may import those of the lines above its own, and of its own
# folder. A new file or folder needs its place here.
LAYERS = [
    "errors",
    "_typing",
    "_precision",
    "_threads",
    "_letters",
    "settings",
    "holds",
    "data",
    "io",
    "advice",
    "systems",
    "cells",
    "readouts",
    "preparations",
    "law",
    "parameters",
    "training",
    "translator",
    "distiller",
    "theory",
    "instrument",
    "levels",
    "believed",
    "report",
    "results",
    "kinds",
    "families",
    "pipeline",
    "discovery",
    "app",
    "cli",
    "__main__",
    "sklearn",  # at the very top, so that nothing imports it
]
OF_EXTRAS = ("sklearn",)  # import what an extra brings; everything else does without
# Conveniences that reach upward when they are called, and not before: Theory.bound_states, .plot.
DEFERRED_UPWARD = {("theory", "levels"), ("theory", "report")}
MOST_MODULES_AT_THE_TOP = 12
LONGEST_FILE = 250  # lines
LONGEST_FUNCTION = 60  # lines, but for what has all options in its signature
LONGEST_COMMAND = 100  # lines below the signature of a command, and of `discover`
OF_OPTIONS = ("cli", "discovery")


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(
    tree: ast.AST, *, types: bool = False, deferred: bool = False
) -> Iterator[tuple[str, bool]]:
    """Full names of what a module imports from elsewhere; True for those inside a function.

    With `types` also what only type checkers import.
    """
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node) and not types:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((f"{node.module}.{alias.name}", deferred) for alias in node.names)
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports(node, types=types, deferred=inside)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_file_has_its_layer():
    there = {layer_of(path) for path in FILES} - {"__init__"}
    assert there == set(LAYERS) & there, f"without a layer: {sorted(there - set(LAYERS))}"


# The package's own __init__ names everything, and imports it when it is used.
INNER = [path for path in FILES if path != ROOT / "__init__.py"]


@pytest.mark.parametrize("path", INNER, ids=[str(p.relative_to(ROOT)) for p in INNER])
def test_imports_point_only_downward(path):
    own = layer_of(path)
    allowed = LAYERS[: LAYERS.index(own) + 1]
    for name, deferred in imports(tree_of(path)):
        parts = name.split(".")
        if parts[0] != "hiddenlaw":
            continue
        target = parts[1]
        assert target in allowed or (deferred and (own, target) in DEFERRED_UPWARD), (
            f"{own} imports {name}, which stands above it"
        )


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Modules that import one another, in whatever way, by Tarjan's strongly connected parts."""
    number, low, stack, found = {}, {}, [], []

    def visit(node: str) -> None:
        number[node] = low[node] = len(number)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in number:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == number[node]:
            part = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(part) > 1 or node in graph[node]:
                found.append(sorted(part))

    for node in sorted(graph):
        if node not in number:
            visit(node)
    return found


def test_circles_are_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d"}}) == [["b", "c"], ["d"]]
    assert circles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_no_modules_import_one_another_types_included():
    """Imports inside functions and for type checkers count, the deferred ones upward as well."""
    known = {module_of(path) for path in INNER}
    graph: dict[str, set[str]] = {}
    for path in INNER:
        names = {name for name, _ in imports(tree_of(path), types=True)}
        # `from hiddenlaw.results import rundir` is the module, `from hiddenlaw.holds import Span`
        # what the folder's head gives.
        modules = {name if name in known else name.rpartition(".")[0] for name in names}
        graph[module_of(path)] = modules & known
    found = circles(graph)
    assert not found, "; ".join(" and ".join(part) for part in found)


def test_there_are_few_modules_at_the_top():
    top = sorted(path.name for path in ROOT.glob("*.py"))
    assert len(top) <= MOST_MODULES_AT_THE_TOP, ", ".join(top)


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_files_and_functions_are_short(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{lines} lines"
    of_options = layer_of(path) in OF_OPTIONS
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0].lineno if of_options else node.lineno
            length = (node.end_lineno or first) - first + 1
            most = LONGEST_COMMAND if of_options else LONGEST_FUNCTION
            assert length <= most, f"{node.name} has {length} lines"


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_no_code_comes_from_data_and_jax_stays_as_it_is(path):
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                assert name not in FORBIDDEN_CALLS
            case ast.Import(names=names):
                assert not {alias.name.split(".")[0] for alias in names} & FORBIDDEN_MODULES
            case ast.ImportFrom(module=str(module), names=names):
                assert module.split(".")[0] not in FORBIDDEN_MODULES
                assert not (module == "jax" and any(alias.name == "config" for alias in names))
            case ast.Attribute(value=ast.Name(id="jax"), attr=attribute):
                assert attribute != "config"
            case ast.keyword(arg="allow_pickle", value=ast.Constant(value=value)):
                assert value is False
            case ast.Constant(value=str(text)):
                assert not text.startswith(("JAX_", "XLA_")), "JAX is configured by the user"


def run(program: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)


@pytest.mark.parametrize(
    "program",
    [
        "import hiddenlaw; dir(hiddenlaw)",
        "from hiddenlaw.cli import main; main(['--help'])",
        "from hiddenlaw.cli import main; main(['discover', '--help'])",
    ],
)
def test_importing_and_asking_for_help_load_nothing_heavy(program):
    names = "jax equinox optimistix optax sympy matplotlib xarray sklearn pint"
    heavy = set(names.split())
    ended = run(f"{program}; import sys; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)")
    assert (ended.returncode, ended.stderr) == (0, "")


def everything() -> str:
    """A program that imports every module that does without extras."""
    able = [path for path in FILES if path.stem != "__main__" and layer_of(path) not in OF_EXTRAS]
    names = [module_of(path) for path in able]
    return f"import importlib; [importlib.import_module(n) for n in {names}]"


def test_importing_everything_leaves_jax_in_single_precision():
    ended = run(
        f"{everything()}; import jax; "
        "assert jax.numpy.ones(1).dtype == 'float32'; assert not jax.config.jax_enable_x64"
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_what_is_slow_to_import_is_imported_where_it_is_used():
    slow = "{'scipy.stats', 'scipy.interpolate', 'matplotlib', 'xarray', 'pandas', 'pint'}"
    ended = run(f"{everything()}; import sys; sys.exit(', '.join({slow} & set(sys.modules)) or 0)")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_every_public_name_is_there():
    for name in hiddenlaw.__all__:
        assert getattr(hiddenlaw, name) is not None
    assert set(hiddenlaw.__all__) <= set(dir(hiddenlaw))
    with pytest.raises(AttributeError, match="no attribute 'simualte'"):
        hiddenlaw.simualte  # noqa: B018
