"""The house rules of the source, held by reading it: who may import whom, who may name a backend, what nobody
uses.
"""

import ast
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "mtkit").rglob("*.py"))

# In the order in which data passes through them: a module imports from its own room and from those before it.
ROOMS = [
    "errors",
    "machine",
    "locks",
    "writing",
    "arrays",
    "settings",
    "checkpoint",
    "reporter",
    "table",
    "text",
    "formats",
    "data",
    "model",
    "search",
    "engines",
    "translating",
    "export",
    "scoring",
    "training",
    "improving",
    "pages",
    "doctor",
    "library",
    "cli",
]

# Where compiled steps are made, and their workers joined.
TENSORFLOW_FILES = {
    "mtkit/training/tensorflow_step.py",
    "mtkit/training/tensorflow_cluster.py",
    "mtkit/training/tensorboard.py",
    "mtkit/engines/tensorflow_functions.py",
}
JAX_FILES = {"mtkit/training/jax_step.py", "mtkit/engines/jax_functions.py"}
# Where one function names it, because Keras has no word for what it needs; never when the module is imported.
TENSORFLOW_WITHIN_A_FUNCTION = {"mtkit/model/scan.py", "mtkit/model/hardware.py"}

UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
UNSAFE_CALLS = {"eval", "exec", "yaml.load", "yaml.unsafe_load", "torch.load"}
MOST_LINES = 400


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports(tree, path):
    """(line, full name of a module) for every import, wherever it stands."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            module = ".".join([*base, *(node.module.split(".") if node.module else [])])
            # `from mtkit import x` may name a module too.
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def dotted(node):
    """'a.b.c' of an expression, or ''."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def room_of(module):
    """The room of 'mtkit.ROOM...', or None for mtkit itself (the version) and other packages."""
    parts = module.split(".")
    return parts[1] if parts[0] == "mtkit" and len(parts) > 1 and parts[1] in ROOMS else None


def test_every_module_has_a_room():
    strangers = [
        name_of(path)
        for path in FILES
        if path.relative_to(ROOT / "mtkit").parts[0].removesuffix(".py") not in ROOMS
    ]
    assert strangers == ["mtkit/__init__.py", "mtkit/__main__.py"]


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_import_order(path):
    own = path.relative_to(ROOT / "mtkit").parts[0].removesuffix(".py")
    if own == "__main__":
        return
    reach = ROOMS.index(own) if own in ROOMS else -1
    wrong = [
        f"line {line}: {own} imports {module}"
        for line, module in imports(tree_of(path), path)
        if (room := room_of(module)) and ROOMS.index(room) > reach
    ]
    assert not wrong


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_backends_are_named_where_steps_are_compiled(path):
    if name_of(path) in TENSORFLOW_FILES | JAX_FILES:
        return
    tree = tree_of(path)
    lines = {line for line, module in imports(tree, path) if module.split(".")[0] in ("tensorflow", "jax")}
    if name_of(path) in TENSORFLOW_WITHIN_A_FUNCTION:
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        lines = {
            line for line in lines if not any(node.lineno < line <= node.end_lineno for node in functions)
        }
    assert not lines


def test_tensorflow_lists_hold_no_more_than_they_must():
    for name in TENSORFLOW_FILES | TENSORFLOW_WITHIN_A_FUNCTION:
        path = ROOT / name
        assert not path.exists() or any(
            module.split(".")[0] == "tensorflow" for _, module in imports(tree_of(path), path)
        ), name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_unsafe(path):
    tree = tree_of(path)
    found = [
        f"line {line}: {module}"
        for line, module in imports(tree, path)
        if set(module.split(".")) & UNSAFE_MODULES
    ]
    found += [
        f"line {line}: {module}" for line, module in imports(tree, path) if module.endswith(".load_model")
    ]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = dotted(node.func)
        pickled = any(
            word.arg == "allow_pickle" and getattr(word.value, "value", True) for word in node.keywords
        )
        if called in UNSAFE_CALLS or called.endswith(".load_model") or pickled:
            found.append(f"line {node.lineno}: {called}")
    assert not found


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_long_files(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES, f"{lines} lines: split it"


def test_only_declared_packages_are_imported():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    declared = {
        part.split(";")[0].split("[")[0].split(">")[0].split("=")[0].strip().replace("-", "_").lower()
        for part in wanted
    }
    declared |= {
        "mtkit",
        "keras",
        "markdown_it",
    }  # keras comes with tensorflow, and markdown-it-py has another name for Python
    undeclared = {
        f"{name_of(path)}: {module}"
        for path in FILES
        for _, module in imports(tree_of(path), path)
        if (top := module.split(".")[0]) not in sys.stdlib_module_names and top.lower() not in declared
    }
    assert not undeclared


# Words that do not say what a thing is; names outside a comprehension of one line say it.
EMPTY_NAMES = {"found", "one", "own", "each", "what", "rest"}


def empty_names(node, in_one_line=False):
    """(line, name) of variables and parameters with an empty name."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda)):
        in_one_line = in_one_line or node.lineno == node.end_lineno
    stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    name = node.id if stored else getattr(node, "arg", None)
    if name in EMPTY_NAMES and not in_one_line and not isinstance(node, ast.keyword):
        yield node.lineno, name
    for child in ast.iter_child_nodes(node):
        yield from empty_names(child, in_one_line)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_names_say_what_a_thing_is(path):
    assert not list(empty_names(tree_of(path)))


COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_comprehension_has_one_loop_and_one_condition(path):
    packed = [
        f"line {node.lineno}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, COMPREHENSIONS) and (len(node.generators) > 1 or len(node.generators[0].ifs) > 1)
    ]
    assert not packed


def test_no_two_classes_share_a_name():
    places = {}
    for path in FILES:
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(f"{name_of(path)}:{node.lineno}")
    twins = {name: where for name, where in places.items() if len(where) > 1}
    assert not twins


# Rooms in which files still import each other, in a circle.
CIRCLES_TO_MEND = set()


def module_name(path):
    """'mtkit.data.batching' of a file; a folder's __init__.py has the folder's name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def module_graph():
    """{module of mtkit: the modules of mtkit that it imports}, wherever an import stands."""
    modules = {module_name(path) for path in FILES}
    graph = {}
    for path in FILES:
        importer = module_name(path)
        names = [name for _, name in imports(tree_of(path), path)]
        # `from mtkit.data import x` names a module, or else something in one.
        targets = [name if name in modules else name.rpartition(".")[0] for name in names]
        graph[importer] = {target for target in targets if target in modules} - {importer}
    return graph


def reachable(graph, start):
    """What can be come to from a module by at least one step."""
    seen, waiting = set(), [start]
    while waiting:
        following = graph[waiting.pop()] - seen
        seen |= following
        waiting += following
    return seen


def circles(graph):
    """Sets of modules of which each imports each, by way of others too: strongly connected components."""
    within = {module: reachable(graph, module) for module in graph}
    met = [
        frozenset(other for other in within[module] if module in within[other])
        for module in graph
        if module in within[module]
    ]
    return [set(circle) for circle in dict.fromkeys(met)]


def test_no_two_files_import_each_other():
    graph = module_graph()
    assert len(graph) > 100
    tolerated = set()
    for circle in circles(graph):
        rooms = {room_of(module) for module in circle}
        within = [
            f"{module} imports {target}" for module in sorted(circle) for target in graph[module] & circle
        ]
        assert rooms <= CIRCLES_TO_MEND, "\n".join(within)
        tolerated |= rooms
    assert tolerated == CIRCLES_TO_MEND, "take out of CIRCLES_TO_MEND what is mended"


def test_circles_are_seen():
    graph = {"a": {"b", "d"}, "b": {"c"}, "c": {"a"}, "d": {"e"}, "e": {"d"}, "f": {"a"}}
    assert circles(graph) == [{"a", "b", "c"}, {"d", "e"}]


# Whose import does something beside making names.
WORK_ON_IMPORT_TO_MEND: set[str] = set()


def works_on_import(statement):
    """Whether a statement of a module does something beside making names."""
    if isinstance(statement, ast.Expr):
        return not isinstance(statement.value, ast.Constant)
    if isinstance(statement, (ast.If, ast.Try)):
        return any(works_on_import(child) for child in statement.body + statement.orelse)
    return isinstance(statement, (ast.With, ast.For, ast.While, ast.Delete, ast.Raise, ast.Assert))


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_work_on_import(path):
    if path.name == "__main__.py":
        return
    lines = [f"line {node.lineno}" for node in tree_of(path).body if works_on_import(node)]
    assert bool(lines) == (name_of(path) in WORK_ON_IMPORT_TO_MEND), lines


TEST_FILES = sorted((ROOT / "tests").rglob("*.py"))


@pytest.mark.parametrize("path", TEST_FILES, ids=name_of)
def test_tests_import_from_no_other_test(path):
    """What several tests share lies in tests/support."""
    wrong = [
        f"line {line}: {module}"
        for line, module in imports(tree_of(path), path)
        if module.startswith("tests.") and not module.startswith("tests.support.")
    ]
    assert not wrong


def test_every_room_has_tests():
    rooms = {path.name for path in (ROOT / "mtkit").iterdir() if (path / "__init__.py").exists()}
    tested = {path.parent.name for path in TEST_FILES if path.name.startswith("test_")}
    assert rooms <= tested
