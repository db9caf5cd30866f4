"""Wrong versions of a function, in the ways people err: from its source, its arguments, and its result."""

from __future__ import annotations

import ast
import copy
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch

from course_utils.exercises.engine.inputs import Arguments, names_of

Function = Callable[..., Any]


@dataclass(frozen=True)
class Mutant:
    """A wrong version of a function, and what was done to it in words."""

    name: str
    function: Function


def mutants(
    reference: Function, helpers: Sequence[Function], cases: Sequence[Arguments], *, gradients: bool
) -> Iterator[Mutant]:
    """All wrong versions of a function that this module knows to make.

    Args:
        reference: the function.
        helpers: functions that it calls, which are changed as well.
        cases: inputs, the first of which gives the constants that stand in place of arguments.
        gradients: cut the gradients too, where they matter.
    """
    yield from of_source(reference, helpers)
    yield from of_arguments(reference, cases, gradients=gradients)
    yield from of_results(reference, cases, gradients=gradients)


# --- the source ------------------------------------------------------------------------------------------------------

OTHER_NAMES = {
    "sum": ("mean", "prod", "amax"),
    "mean": ("sum",),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin",),
    "log": ("log2", "log10"),
    "log10": ("log",),
    "exp": ("exp2",),
    "argmax": ("argmin",),
    "log_softmax": ("softmax",),
    "softmax": ("log_softmax", "sigmoid"),
    "logsumexp": ("sum", "amax"),
    "tanh": ("sigmoid", "relu"),
    "sigmoid": ("tanh",),
    "minimum": ("maximum",),
    "std": ("var",),
    "cat": ("stack",),
    "stack": ("cat",),
}
UNDONE = {  # calls without which people forget to do something: f(x) becomes x
    "abs", "exp", "log", "tanh", "sigmoid", "sqrt", "softmax", "softplus", "relu", "clamp", "masked_fill",
    "transpose", "flip", "mean", "sum", "norm", "lower", "unique", "sorted", "round",
}  # fmt: skip
SYMMETRIC = {"min", "max", "minimum", "maximum", "equal", "transpose", "sorted"}  # the order of two arguments is free
OTHER_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.BitAnd: (ast.BitOr,),
    ast.And: (ast.Or,),
}


def of_source(reference: Function, helpers: Sequence[Function]) -> Iterator[Mutant]:
    """Changes of one place in the source of the function or of one of its helpers."""
    trees = [parsed(function) for function in (reference, *helpers)]
    for which, tree in enumerate(trees):
        around = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        fixed = {id(node) for default in tree.args.defaults for node in ast.walk(default)}  # the lesson's stub has them
        for index, node in enumerate(list(ast.walk(tree))):
            for number in range(0 if id(node) in fixed else len(list(changes_of(node)))):
                changed = copy.deepcopy(tree)
                target = list(ast.walk(changed))[index]
                replacement = list(changes_of(target))[number]()
                put(changed, target, replacement)
                where = f" in {shown(around[id(node)])}" if isinstance(node, ast.Constant) else ""
                done = f"{shown(node)} -> {shown(replacement)}{where}"
                built = compiled(reference, [*trees[:which], changed, *trees[which + 1 :]])
                if built:
                    yield Mutant(f"{tree.name}: {done}", built)
        yield from (Mutant(f"{tree.name}: {name}", built) for name, built in of_loops(reference, trees, which))


def parsed(function: Function) -> ast.FunctionDef:
    """A function's definition, without its docstring."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(tree, ast.FunctionDef)
    bare: ast.FunctionDef = ast.fix_missing_locations(Bare().visit(tree))
    return bare


class Bare(ast.NodeTransformer):
    """Takes out what has no part in a result: annotations, docstrings, and checks of the arguments."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        if isinstance(body := getattr(node, "body", None), list):
            node.body = [statement for statement in body if not is_guard(statement)]  # type: ignore[attr-defined]
        return super().generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        assert node.value is not None
        return ast.Assign([node.target], node.value)


def is_guard(statement: ast.stmt) -> bool:
    """Does this statement only explain, or refuse arguments that cannot be meant?"""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) or "check" in ast.unparse(statement.value)
    if isinstance(statement, ast.For):
        return all(is_guard(inner) for inner in statement.body)
    return isinstance(statement, ast.If) and isinstance(statement.body[-1], ast.Raise) and not statement.orelse


def shown(node: ast.AST) -> str:
    """A piece of source as text."""
    return ast.unparse(node) if isinstance(node, (ast.expr, ast.stmt)) else type(node).__name__


def put(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    """Put one node in another's place."""
    for node in ast.walk(tree):
        for field, value in ast.iter_fields(node):
            if value is old:
                setattr(node, field, new)
            elif isinstance(value, list):
                value[:] = [new if entry is old else entry for entry in value]


def compiled(reference: Function, trees: Sequence[ast.FunctionDef]) -> Function | None:
    """The function that these definitions make, among the names of its own module; None where Python refuses them."""
    namespace = dict(reference.__globals__)
    module = ast.fix_missing_locations(ast.Module([copy.deepcopy(tree) for tree in trees], []))
    try:
        exec(compile(module, "mutant", "exec", flags=0, dont_inherit=True), namespace)
    except Exception:
        return None
    made: Function = namespace[trees[0].name]
    return made


def changes_of(node: ast.AST) -> Iterator[Callable[[], ast.AST]]:
    """What people put in place of a node of the source."""
    if isinstance(node, ast.BinOp):
        yield lambda: node.left
        yield lambda: node.right
        if not isinstance(node.op, (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr)):
            yield lambda: ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)):
        for other in OTHER_OPERATORS.get(type(node.op), ()):
            yield partial(with_field, node, "op", other())
    if isinstance(node, ast.Compare):
        for other in OTHER_OPERATORS.get(type(node.ops[0]), ()):
            yield partial(with_field, node, "ops", [other(), *node.ops[1:]])
    if isinstance(node, ast.UnaryOp) and not isinstance(node.operand, ast.Constant):
        yield lambda: node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        for more in (-1, 1):
            yield partial(ast.Constant, node.value + more)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield lambda: ast.Constant(not node.value)
    if isinstance(node, ast.Slice):
        yield from slice_changes(node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield lambda: node.value
    if isinstance(node, ast.Attribute) and node.attr == "inf":
        for large in (1, 10, 100):
            yield partial(ast.Constant, large)
    if isinstance(node, ast.IfExp):
        yield lambda: node.body
        yield lambda: node.orelse
    if isinstance(node, ast.Call):
        yield from call_changes(node)


def with_field(node: ast.AST, name: str, value: Any) -> ast.AST:
    """A copy of a node with another value in one field. (Operators are shared by all nodes: they are not changed.)"""
    changed = copy.copy(node)
    setattr(changed, name, value)
    return changed


def slice_changes(node: ast.Slice) -> Iterator[Callable[[], ast.AST]]:
    """One off at either end, or without this end."""
    for end in ("lower", "upper"):
        value = getattr(node, end)
        if value is None:
            continue
        for new in (None, ast.BinOp(value, ast.Add(), ast.Constant(1)), ast.BinOp(value, ast.Sub(), ast.Constant(1))):
            yield partial(with_field, node, end, new)


def call_changes(node: ast.Call) -> Iterator[Callable[[], ast.AST]]:
    """Another function, none, its arguments exchanged, one keyword less, or another range."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    for other in OTHER_NAMES.get(name, ()):
        yield partial(ast.Call, renamed(node.func, other), node.args, node.keywords)
    method = node.func if isinstance(node.func, ast.Attribute) else None
    if name in UNDONE and method and getattr(method.value, "id", "") not in ("torch", "np", "math"):
        yield lambda: method.value
    elif name in UNDONE and node.args:
        yield lambda: node.args[0]
    if len(node.args) == 2 and name not in SYMMETRIC:
        yield lambda: ast.Call(node.func, node.args[::-1], node.keywords)
    for keyword in node.keywords:
        yield partial(ast.Call, node.func, node.args, [k for k in node.keywords if k is not keyword])
        if keyword.arg == "dtype":
            wide = ast.keyword("dtype", ast.parse("torch.float32", mode="eval").body)
            yield partial(ast.Call, node.func, node.args, [wide if k is keyword else k for k in node.keywords])
    if name == "range":
        *start, stop = node.args
        for more in (ast.Add(), ast.Sub()):
            yield partial(ast.Call, node.func, [*start, ast.BinOp(stop, more, ast.Constant(1))], [])
        first = start[0] if start else ast.Constant(0)
        yield lambda: ast.Call(node.func, [ast.BinOp(first, ast.Add(), ast.Constant(1)), stop], [])


def renamed(function: ast.expr, name: str) -> ast.expr:
    """The function of a call under another name."""
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())


def of_loops(reference: Function, trees: Sequence[ast.FunctionDef], which: int) -> Iterator[tuple[str, Function]]:
    """Loops that end after the first turn, or do without the last; steps that are left out."""
    for index, node in enumerate(list(ast.walk(trees[which]))):
        bodies = [body for field in ("body", "orelse") if isinstance(body := getattr(node, field, None), list)]
        for number, body in enumerate(bodies):
            for at, statement in enumerate(body):
                if isinstance(statement, (ast.Return, ast.FunctionDef)) or len(body) < 2:
                    continue
                changed = copy.deepcopy(trees[which])
                target = list(ast.walk(changed))[index]
                inside = [b for field in ("body", "orelse") if isinstance(b := getattr(target, field, None), list)]
                del inside[number][at]
                built = compiled(reference, [*trees[:which], changed, *trees[which + 1 :]])
                if built:
                    yield f"without {ast.unparse(statement).splitlines()[0]}", built
        if isinstance(node, ast.For):
            for name, change in (("first turn only", "[:1]"), ("without the last turn", "[:-1]")):
                changed = copy.deepcopy(trees[which])
                loop = list(ast.walk(changed))[index]
                assert isinstance(loop, ast.For)
                loop.iter = ast.parse(f"list({ast.unparse(loop.iter)}){change}", mode="eval").body
                built = compiled(reference, [*trees[:which], changed, *trees[which + 1 :]])
                if built:
                    yield f"for {ast.unparse(node.target)}: {name}", built


# --- the arguments ---------------------------------------------------------------------------------------------------


def of_arguments(reference: Function, cases: Sequence[Arguments], *, gradients: bool) -> Iterator[Mutant]:
    """A constant in place of an argument, or the argument changed before it is used; two exchanged; one destroyed."""
    names = names_of(reference)
    for at, name in enumerate(names):
        values = [case[at] for case in cases if len(case) > at]
        for done, change in argument_changes(values, gradients=gradients):
            yield Mutant(f"{name}: {done}", changed_argument(reference, at, change))
        if any(isinstance(value, (torch.Tensor, np.ndarray)) for value in values):
            yield Mutant(f"{name} destroyed", destroying(reference, at))
        yield Mutant(f"returns {name}", returning(at))
    for first, second in itertools.combinations(range(min(len(names), min(map(len, cases)))), 2):
        if all(type(case[first]) is type(case[second]) for case in cases):
            yield Mutant(f"{names[first]} and {names[second]} exchanged", exchanged(reference, first, second))


def argument_changes(values: Sequence[Any], *, gradients: bool) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What people do to an argument of this kind."""
    value = values[0]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        for constant in dict.fromkeys((0, 1, 2, *values[:2])):
            yield f"always {constant}", constantly(constant)
        if any(v < 0 for v in values):
            yield "abs", abs
        yield "negative", lambda v: -v
        yield "one more", lambda v: v + 1
        yield "one less", lambda v: v - 1
        if any(isinstance(v, float) for v in values):
            yield "as an int", int
    elif isinstance(value, torch.Tensor):
        yield "0 everywhere", torch.zeros_like
        yield "1 everywhere", torch.ones_like
        if value.dtype != torch.bool:
            if any((v < 0).any() for v in values):
                yield "abs", torch.abs
            yield "negative", lambda v: -v
            yield "one more", lambda v: v + 1
        if value.dtype == torch.bool:
            yield "not", torch.logical_not
        if value.is_floating_point() and gradients:
            yield "detached", torch.Tensor.detach
        for axis in range(value.dim()):
            yield f"flipped along {axis}", partial(torch.flip, dims=(axis,))
            yield f"first only along {axis}", partial(first_only, axis=axis)
        if value.dim() >= 2:
            yield "last axes exchanged", lambda v: v.transpose(-1, -2)
    elif isinstance(value, np.ndarray):
        if any((np.asarray(v) < 0).any() for v in values):
            yield "abs", np.abs
        yield "backwards", lambda v: v[::-1]
        yield "without the first", lambda v: v[1:]
        yield "without the last", lambda v: v[:-1]
    elif isinstance(value, (str, list, tuple)):
        yield "backwards", lambda v: v[::-1]
        yield "without the first", lambda v: v[1:]
        yield "without the last", lambda v: v[:-1]
        yield "each once", lambda v: type(v)(dict.fromkeys(v)) if not isinstance(v, str) else "".join(dict.fromkeys(v))


def constantly(value: Any) -> Callable[[Any], Any]:
    """A function that gives this, whatever it is given."""
    return lambda anything: value


def first_only(tensor: torch.Tensor, axis: int) -> torch.Tensor:
    """The first slice along an axis, as often as there are slices."""
    return tensor.narrow(axis, 0, 1).expand_as(tensor)


def without_last(tensor: torch.Tensor, axis: int) -> torch.Tensor:
    """Without the last slice along an axis."""
    return tensor.narrow(axis, 0, tensor.shape[axis] - 1)


def changed_argument(reference: Function, at: int, change: Callable[[Any], Any]) -> Function:
    """The function with one argument changed first."""

    def mutant(*arguments: Any) -> Any:
        return reference(*(change(a) if index == at else a for index, a in enumerate(arguments)))

    return mutant


def destroying(reference: Function, at: int) -> Function:
    """The function, which leaves an argument full of zeros."""

    def mutant(*arguments: Any) -> Any:
        result = copy.deepcopy(reference(*arguments))
        arguments[at][...] = 0
        return result

    return mutant


def returning(at: int) -> Function:
    """A function that gives back one of its arguments as it is."""

    def mutant(*arguments: Any) -> Any:
        return arguments[at]

    return mutant


def exchanged(reference: Function, first: int, second: int) -> Function:
    """The function with two arguments exchanged."""

    def mutant(*arguments: Any) -> Any:
        order = list(arguments)
        order[first], order[second] = order[second], order[first]
        return reference(*order)

    return mutant


# --- the result ------------------------------------------------------------------------------------------------------


def of_results(reference: Function, cases: Sequence[Arguments], *, gradients: bool) -> Iterator[Mutant]:
    """The result with another sign, size, type, order, or cut off from its inputs."""
    results = [reference(*copy.deepcopy(case)) for case in cases]
    together = list(zip(*results, strict=True)) if isinstance(results[0], tuple) else [results]
    for at, parts in enumerate(together):
        which = f"result {at + 1}" if isinstance(results[0], tuple) else "result"
        for done, change in result_changes(parts, gradients=gradients):
            yield Mutant(f"{which}: {done}", changed_result(reference, at, change))


def result_changes(parts: Sequence[Any], *, gradients: bool) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What people do to a result of this kind."""
    part = parts[-1]
    if isinstance(part, torch.Tensor):
        yield from tensor_result_changes(parts, gradients=gradients)
    elif isinstance(part, list):
        yield "backwards", lambda r: r[::-1]
        yield "without the last", lambda r: r[:-1]
        yield "without the first", lambda r: r[1:]
        if all(isinstance(entry, int) for entry in part):
            yield "floats", lambda r: [float(entry) for entry in r]
    elif isinstance(part, (int, float)):
        yield "as a string", str
        if any(p < 0 for p in parts):
            yield "abs", lambda r: abs(r)
        yield "negative", lambda r: -r
        yield "squared", lambda r: r * r
        yield "one more", lambda r: r + 1
        yield "one less", lambda r: r - 1
        yield ("as a float", float) if isinstance(part, int) else ("rounded", lambda r: round(r, 2))
        yield ("halved", lambda r: r // 2) if isinstance(part, int) else ("as an int", int)


def tensor_result_changes(
    parts: Sequence[torch.Tensor], *, gradients: bool
) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What people do to a tensor that they return."""
    part = parts[-1]
    yield "as an array", lambda r: r.detach().numpy()
    if part.dtype != torch.bool:
        yield "negative", lambda r: -r
        if any((p < 0).any() for p in parts):
            yield "abs", torch.abs
        yield "squared", lambda r: r * r
        yield "one more", lambda r: r + 1
    for dtype in {torch.float32, torch.float64, torch.int64, torch.int32, torch.bool} - {p.dtype for p in parts[:1]}:
        yield f"as {dtype}", partial(torch.Tensor.to, dtype=dtype)
    if gradients:
        yield "detached", torch.Tensor.detach
    yield "one axis more", lambda r: r[None]
    for axis in range(part.dim()):
        yield f"flipped along {axis}", partial(torch.flip, dims=(axis,))
        yield f"rolled along {axis}", partial(torch.roll, shifts=1, dims=axis)
        yield f"without the last along {axis}", partial(without_last, axis=axis)
    if part.dim() >= 2:
        yield "reordered by reshape", lambda r: r.transpose(-1, -2).reshape(r.shape)


def changed_result(reference: Function, at: int, change: Callable[[Any], Any]) -> Function:
    """The function with one of its results changed."""

    def mutant(*arguments: Any) -> Any:
        result = reference(*arguments)
        if not isinstance(result, tuple):
            return change(result)
        return tuple(change(part) if index == at else part for index, part in enumerate(result))

    return mutant
