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
    "settings",
    "holds",
    "data",
    "io",
    "advice",
    "systems",
    "cells",
    "readouts",
    "training",
    "translator",
    "distiller",
    "theory",
    "levels",
    "believed",
    "report",
    "results",
    "discovery",
    "cli",
    "__main__",
]
# Conveniences that reach upward when they are called, and not before: Discovery.save.
DEFERRED_UPWARD = {("discovery", "results")}


def layer_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(tree: ast.AST, deferred: bool = False) -> Iterator[tuple[str, bool]]:
    """Full names of what is imported from hiddenlaw at run time; True inside a function."""
    for node in ast.iter_child_nodes(tree):
        if is_type_checking(node):
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, deferred) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from ((f"{node.module}.{alias.name}", deferred) for alias in node.names)
        inside = deferred or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports(node, inside)


def test_every_file_has_its_layer():
    there = {layer_of(path) for path in FILES} - {"__init__"}
    assert there == set(LAYERS) & there, f"without a layer: {sorted(there - set(LAYERS))}"


# The package's own __init__ names everything, and imports it when it is used.
INNER = [path for path in FILES if path != ROOT / "__init__.py"]


@pytest.mark.parametrize("path", INNER, ids=[str(p.relative_to(ROOT)) for p in INNER])
def test_imports_point_only_downward(path):
    own = layer_of(path)
    allowed = LAYERS[: LAYERS.index(own) + 1]
    for name, deferred in imports(ast.parse(path.read_text(encoding="utf-8"))):
        parts = name.split(".")
        if parts[0] != "hiddenlaw":
            continue
        target = parts[1]
        assert target in allowed or (deferred and (own, target) in DEFERRED_UPWARD), (
            f"{own} imports {name}, which stands above it"
        )


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


@pytest.mark.parametrize("path", FILES, ids=[str(p.relative_to(ROOT)) for p in FILES])
def test_no_code_comes_from_data_and_jax_stays_as_it_is(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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
    heavy = "{'jax', 'equinox', 'optimistix', 'optax', 'sympy', 'matplotlib', 'xarray'}"
    ended = run(f"{program}; import sys; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)")
    assert (ended.returncode, ended.stderr) == (0, "")


def test_importing_everything_leaves_jax_in_single_precision():
    names = [
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for path in FILES
        if path.stem not in ("__init__", "__main__")
    ]
    ended = run(
        f"import importlib; [importlib.import_module(n) for n in {names}]; import jax; "
        "assert jax.numpy.ones(1).dtype == 'float32'; assert not jax.config.jax_enable_x64"
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_every_public_name_is_there():
    for name in hiddenlaw.__all__:
        assert getattr(hiddenlaw, name) is not None
    assert set(hiddenlaw.__all__) <= set(dir(hiddenlaw))
    with pytest.raises(AttributeError, match="no attribute 'simualte'"):
        hiddenlaw.simualte  # noqa: B018
