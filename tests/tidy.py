"""The house rules as syntax checks: what core may touch, which way imports point, how long a function may be.

`findings(path, source, kinds)` is the whole checker; `RULES` lists its parts. `tests/test_tidy.py` runs it over
compsvc/ and proves that each rule bites.
"""

import ast
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES_MAX = 50

# What each layer may import of ours; the longest prefix of a path decides its layer.
ARROWS: dict[str, tuple[str, ...]] = {
    "compsvc/__init__.py": (),
    "compsvc/__main__.py": ("compsvc.entry",),
    "compsvc/core": ("compsvc.core",),
    "compsvc/service": ("compsvc.service", "compsvc.core"),
    "compsvc/adapters": (
        "compsvc.adapters",
        "compsvc.core",
        "compsvc.service.ports",
        "compsvc.service.payroll_ports",
        "compsvc.service.agreement_ports",
        "compsvc.__version__",
    ),
    "compsvc/entry": (
        "compsvc.entry",
        "compsvc.service",
        "compsvc.core",
        "compsvc.v1",
        "compsvc.wiring",
        "compsvc.__version__",
    ),
    "compsvc/wiring.py": ("compsvc",),
}
# Still and exact parts of the standard library, and the two libraries that core is written in.
CORE_IMPORTS = frozenset(
    """
    __future__ abc bisect calendar collections contextlib copy dataclasses datetime decimal difflib enum fractions
    functools hashlib heapq itertools json numbers operator re string textwrap types typing unicodedata
    polars pydantic pydantic_core typing_extensions
    """.split()  # noqa: SIM905
)
CORE_MATH = frozenset({"comb", "factorial", "gcd", "isqrt", "lcm", "perm", "prod"})
DISCOVERY_FILE, DISCOVERY_IMPORTS = "compsvc/core/rules/__init__.py", frozenset({"importlib", "pkgutil"})
DURABLE_FILE = "compsvc/adapters/durable_matcher.py"
LIMITS_FILE = "compsvc/core/limits.py"
LIMIT_WORDS = frozenset({"LIMIT", "LIMITS", "MAX", "MIN"})
BANNED_CALLS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"})
CLOCK_CALLS = frozenset({"now", "today", "utcnow"})
FLOAT_METHODS = frozenset({"mean", "median", "quantile", "std", "truediv", "var"})
FLOAT_TYPES = frozenset({"Float16", "Float32", "Float64"})
FILE_CALLS = ("read_", "scan_", "sink_", "write_")


class Module(NamedTuple):
    path: str  # from the root, with slashes
    tree: ast.Module
    kinds: frozenset[str]  # the names of all rule kinds

    def nodes(self, *types: type[ast.AST]) -> Iterator[ast.AST]:
        return (node for node in ast.walk(self.tree) if isinstance(node, types))

    @property
    def in_core(self) -> bool:
        return self.path.startswith("compsvc/core/")


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


Found = Iterator[tuple[ast.AST, str]]


def findings(path: str, source: str, kinds: Iterable[str] = ()) -> list[Finding]:
    """Everything wrong with one file, in the order of its lines."""
    module = Module(path, ast.parse(source, path), frozenset(kinds))
    found = (
        Finding(path, node.lineno, rule, message) for rule, check in RULES.items() for node, message in check(module)
    )
    return sorted(set(found), key=lambda finding: (finding.line, finding.rule, finding.message))


def our_files(folder: str = "compsvc") -> list[str]:
    """The Python files that git tracks or would track, generated ones left out; none where no folder is."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", folder]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = (
        listed.stdout.split("\n") if listed.returncode == 0 else [_name(path) for path in (ROOT / folder).rglob("*.py")]
    )
    return sorted({name for name in names if _is_ours(name) and (ROOT / name).is_file()})


def rule_kinds(sources: Iterable[str]) -> frozenset[str]:
    """Every `kind: Literal["..."]` that a class of these sources declares."""
    statements = (node for source in sources for node in ast.walk(ast.parse(source)) if isinstance(node, ast.AnnAssign))
    kinds = (node.annotation for node in statements if isinstance(node.target, ast.Name) and node.target.id == "kind")
    return frozenset(text for annotation in kinds for text in _texts(annotation))


# --- the rules ---------------------------------------------------------------------------------------------------


def short_functions(module: Module) -> Found:
    for node in module.nodes(ast.FunctionDef, ast.AsyncFunctionDef):
        lines = _lines(node)
        if lines > FUNCTION_LINES_MAX:
            yield node, f"{node.name} has {lines} lines; {FUNCTION_LINES_MAX} fit a screen"


def no_hidden_errors(module: Module) -> Found:
    for node in module.nodes(ast.ExceptHandler):
        if all(_is_nothing(statement) for statement in node.body):
            yield node, "an except that does nothing hides a wrong payout; handle it or let it rise"
    for node in module.nodes(ast.Call):
        if _last_name(node.func) == "suppress" and {"Exception", "BaseException"} & {_last_name(a) for a in node.args}:
            yield node, "suppress(Exception) hides everything; name the error"


def arrows(module: Module) -> Found:
    layers = [layer for layer in ARROWS if module.path == layer or module.path.startswith(layer + "/")]
    if not layers:
        yield (
            module.tree.body[0] if module.tree.body else ast.Pass(lineno=1),
            "in no layer; see ARROWS in tests/tidy.py",
        )
    allowed = ARROWS[max(layers, key=len)] if layers else ("compsvc",)
    for node, name in _imports(module):
        if _within(name, "compsvc") and not any(_within(name, prefix) for prefix in allowed):
            yield node, f"imports {name}; it may import {', '.join(allowed) or 'nothing of ours'}"
        if module.path.startswith("compsvc/service/") and _within(name, "grpc"):
            yield node, "imports grpc; only entry speaks it"


def fenced_durable(module: Module) -> Found:
    if module.path == DURABLE_FILE:
        return
    for node, name in _imports(module):
        if _within(name, "durable") or _within(name, "durable_rules_engine"):
            yield node, f"imports {name}; only {DURABLE_FILE} may"
    for node in module.nodes(ast.Call):
        if _last_name(node.func) in {"import_module", "__import__"} and any(
            _within(t, "durable") for t in _texts(node)
        ):
            yield node, f"imports durable by name; only {DURABLE_FILE} may"


def kinds_at_home(module: Module) -> Found:
    """A rule kind's name decides nothing outside compsvc/core/rules: elsewhere everything works on curves."""
    if module.path.startswith("compsvc/core/rules/"):
        return
    for node in module.nodes(ast.Compare):
        sides = [node.left, *node.comparators]
        named = module.kinds & {text for side in sides for text in _texts(side)}
        if named and any(_is_kind(side) for side in sides):
            yield node, f"asks for the rule kind {', '.join(sorted(named))} outside core/rules"
    for node in module.nodes(ast.Match):
        named = module.kinds & {text for case in node.cases for text in _texts(case.pattern)}
        if named and _is_kind(node.subject):
            yield node, f"matches the rule kind {', '.join(sorted(named))} outside core/rules"
    for node, name in _imports(module):
        if any(_within(name, f"compsvc.core.rules.{kind}") for kind in module.kinds):
            yield node, f"imports {name}: a kind is found by discovery, never by name"


def limits_at_home(module: Module) -> Found:
    """A number that is called a limit stands in one file, so that nobody has to look for the second one."""
    if module.path == LIMITS_FILE:
        return
    for node in module.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name for target in targets if LIMIT_WORDS & set((name := _last_name(target)).split("_"))]
            names = [name for name in names if not name.startswith("INT64")]  # what the type holds, not what we allow
            if names and _is_number(node.value):
                yield node, f"{names[0]} is a limit; those stand in {LIMITS_FILE}"


def core_imports(module: Module) -> Found:
    if not module.in_core:
        return
    allowed = CORE_IMPORTS | (DISCOVERY_IMPORTS if module.path == DISCOVERY_FILE else frozenset())
    for node, name in _imports(module):
        top = name.partition(".")[0]
        if top == "math":
            if name.removeprefix("math.") not in CORE_MATH:
                yield (
                    node,
                    f"imports {name}; take the exact ones by name: from math import {', '.join(sorted(CORE_MATH))}",
                )
        elif top != "compsvc" and top not in allowed:
            yield node, f"imports {name}; core is pure (CORE_IMPORTS in tests/tidy.py)"


def core_without_floats(module: Module) -> Found:
    if not module.in_core:
        return
    for node in module.nodes(ast.Constant):
        if isinstance(node.value, float | complex):
            yield node, f"the float {node.value!r}; use an integer ratio"
    for node in module.nodes(ast.BinOp, ast.AugAssign):
        if isinstance(node.op, ast.Div) and not _is_exact(node):
            yield node, "`/` makes floats; use //, Fraction(a, b) or an integer ratio"
    refused = {
        id(name) for call in module.nodes(ast.Call) if _last_name(call.func) == "isinstance" for name in ast.walk(call)
    }
    for node in module.nodes(ast.Name):
        if node.id == "float" and id(node) not in refused:
            yield node, "`float`; money is integer minor units, rates are integer ratios"
    for node in module.nodes(ast.Attribute):
        if node.attr in FLOAT_TYPES:
            yield node, f"`{node.attr}`; amounts are Int64, products Int128"
    for node in _method_calls(module):
        if node.func.attr in FLOAT_METHODS:
            yield node, f"`.{node.func.attr}()` makes a float; sum in Int128 and divide by //"


def core_without_world(module: Module) -> Found:
    if not module.in_core:
        return
    for node in module.nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in BANNED_CALLS:
            yield node, f"calls {node.func.id}(); core does no I/O"
    for node in _method_calls(module):
        if node.func.attr in CLOCK_CALLS:
            yield node, f"calls .{node.func.attr}(); the date arrives as an argument"
        if node.func.attr.startswith(FILE_CALLS) and not isinstance(node.func.value, ast.Call | ast.Subscript):
            yield node, f"calls .{node.func.attr}(); adapters read and write, core does not"


RULES: dict[str, Callable[[Module], Found]] = {
    check.__name__: check
    for check in (
        short_functions,
        no_hidden_errors,
        arrows,
        fenced_durable,
        kinds_at_home,
        limits_at_home,
        core_imports,
        core_without_floats,
        core_without_world,
    )
}

# --- reading syntax ----------------------------------------------------------------------------------------------


def _imports(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Each imported name in full; relative ones resolved, `from a import b` as a.b."""
    for node in module.nodes(ast.Import, ast.ImportFrom):
        base = "" if isinstance(node, ast.Import) else _base(module.path, node)
        for alias in node.names:
            yield node, f"{base}.{alias.name}".strip(".").removesuffix(".*")


def _base(path: str, node: ast.ImportFrom) -> str:
    if node.level == 0:
        return node.module or ""
    package = PurePosixPath(path).parts[: -node.level]
    return ".".join((*package, *(node.module or "").split("."))).strip(".")


def _within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def _method_calls(module: Module) -> Iterator[ast.Call]:
    return (node for node in module.nodes(ast.Call) if isinstance(node.func, ast.Attribute))


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """From `def` to the end, the docstring left out, nested functions counted in."""
    docstring = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
    return node.end_lineno - node.lineno + 1 - (docstring.end_lineno - docstring.lineno + 1 if docstring else 0)


def _is_nothing(statement: ast.stmt) -> bool:
    is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_text or isinstance(statement, ast.Pass | ast.Continue)


def _is_number(node: ast.AST) -> bool:
    """A literal, or what is worked out from literals."""
    return all(
        isinstance(n, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop) for n in ast.walk(node)
    )


def _last_name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_kind(node: ast.AST) -> bool:
    """`kind`, `rule.kind`, `line["rule_kind"]`, `pl.col("rule_kind")`."""
    text = _last_name(node)
    if isinstance(node, ast.Subscript):
        text = next(iter(_texts(node.slice)), "")
    if isinstance(node, ast.Call):
        text = next((text for argument in node.args for text in _texts(argument)), "")
    return text.endswith("kind")


def _is_exact(node: ast.AST) -> bool:
    """`Fraction(...) / 100`: a division that shows where it stands that it is exact."""
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
    return any(isinstance(side, ast.Call) and _last_name(side.func) == "Fraction" for side in sides)


def _texts(node: ast.AST) -> Iterator[str]:
    return (n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _is_ours(name: str) -> bool:
    return name.endswith(".py") and not name.startswith("compsvc/v1/")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
