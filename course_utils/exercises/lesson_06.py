"""Exercises of lesson 06: growth of matrix powers, the product of backpropagation through time, clipping, remedies."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from course_utils.exercises.engine.exercise import Arguments, FunctionExercise, Mistake
from course_utils.exercises.engine.questions import ChoiceQuestion, NumberQuestion
from course_utils.nn import gradients

four_fates = ChoiceQuestion(
    lesson="06",
    name="four_fates",
    question="For which of the four does the norm of W^t rise above 1 at some step from 1 to 60?",
    choices=("D alone", "B and D", "C and D", "B, C and D"),
    answer="B, C and D",
    says={
        "D alone": "D has an eigenvalue above 1, and grows. B and C grow as well, for a while: look at their peaks.",
        "B and D": "B and D are right. C grows too: every eigenvalue is 0.8, and yet it is above 1 for thirty steps.",
        "C and D": "C and D are right. B grows too, for one step: both its eigenvalues are 0, and ‖B‖ is 4.",
    },
    why="A and D do what their eigenvalues say from the first step on. B and C do not.",
)

# ---------------------------------------------------------------------------------------------------------------------
# Powers of a matrix


def matrices_and_steps(generator: torch.Generator) -> list[Arguments]:
    """Matrices of several sizes and kinds, none of them symmetric, with numbers of steps."""
    found: list[Arguments] = [
        (gradients.recurrent_matrix(size, radius, 0.8, generator), t)
        for size, radius, t in ((2, 0.8, 3), (4, 0.9, 5), (6, 1.1, 4), (3, 0.7, 1), (5, 1.0, 8))
    ]
    turn = torch.tensor([[0.0, -1.0], [1.0, 0.0]], dtype=torch.float64)
    return [*found, (0.9 * turn, 7), (found[0][0], 0)]


def largest_eigenvalue(W: Tensor, t: int) -> float:
    """The rule of thumb: the eigenvalue to the power of t."""
    return gradients.spectral_radius(W) ** t


def norm_to_the_t(W: Tensor, t: int) -> float:
    """The norm of one step to the power of t."""
    return float(torch.linalg.matrix_norm(W, 2)) ** t


def t_times_the_norm(W: Tensor, t: int) -> float:
    """The norm of one step times t."""
    return float(torch.linalg.matrix_norm(W, 2)) * t


def norm_of_one_step(W: Tensor, t: int) -> float:
    """The number of steps ignored."""
    return float(torch.linalg.matrix_norm(W, 2))


def entries_to_the_t(W: Tensor, t: int) -> float:
    """W ** t is taken entry by entry."""
    return float(torch.linalg.matrix_norm(W**t, 2))


def frobenius(W: Tensor, t: int) -> float:
    """The default norm of torch, over all entries."""
    return float(torch.linalg.norm(torch.linalg.matrix_power(W, t)))


def one_step_less(W: Tensor, t: int) -> float:
    """range(1, t)."""
    return gradients.worst_growth(W, max(t - 1, 0))


def one_step_more(W: Tensor, t: int) -> float:
    """The product starts from W, and is multiplied t times."""
    return gradients.worst_growth(W, t + 1)


def by_svd(W: Tensor, t: int) -> float:
    """A right answer through the singular values."""
    return float(torch.linalg.svdvals(torch.linalg.matrix_power(W, t)).max())


def by_loop(W: Tensor, t: int) -> Tensor:
    """A right answer that multiplies step by step, and returns a tensor."""
    product = torch.eye(len(W), dtype=W.dtype)
    for _ in range(t):
        product = W @ product
    norm: Tensor = torch.linalg.matrix_norm(product, 2)
    return norm


worst_growth = FunctionExercise(
    lesson="06",
    reference=gradients.worst_growth,
    cases=matrices_and_steps,
    result="the largest stretch of W^t, a number",
    variants=(by_svd, by_loop),
    mistakes=(
        Mistake(
            largest_eigenvalue,
            "That is the largest eigenvalue's growth: right in the long run, but W^t can stretch a vector by more. "
            "Take the largest *singular value* of W^t.",
        ),
        Mistake(
            norm_to_the_t,
            "The norm of one step to the power of t is a bound: it assumes the worst direction again at each step. "
            "Take the power first, then its norm.",
        ),
        Mistake(
            t_times_the_norm, "t steps multiply, they do not add: take the t-th power of the matrix, then its norm."
        ),
        Mistake(norm_of_one_step, "That is the largest stretch of one step. Apply W t times first."),
        Mistake(
            entries_to_the_t,
            "`W ** t` takes the power of each entry by itself. `torch.linalg.matrix_power(W, t)` applies "
            "the matrix t times.",
        ),
        Mistake(
            frobenius,
            "`torch.linalg.norm` of a matrix adds the squares of all entries (Frobenius). The largest stretch is "
            "`torch.linalg.matrix_norm(…, 2)`, with the 2.",
        ),
        Mistake(one_step_less, "One step is missing: W^1 is W, and W^0 is the identity, which stretches by 1."),
        Mistake(one_step_more, "That is one step too many: W^1 is W, and W^0 is the identity, which stretches by 1."),
    ),
    hints=(
        "Two things to do: apply W t times, and find the largest stretch of what you get.",
        "`torch.linalg.matrix_power(W, t)` is the matrix that does t steps at once.",
        "The largest stretch of a matrix A is `torch.linalg.matrix_norm(A, 2)`, its largest singular value.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# The product of backpropagation through time


def states_and_weights(generator: torch.Generator) -> list[Arguments]:
    """States of several lengths and sizes, T = H among them, and weights that are not symmetric."""
    return [
        (
            torch.rand(T, H, generator=generator, dtype=torch.float64) * 1.8 - 0.9,
            torch.randn(H, H, generator=generator, dtype=torch.float64),
        )
        for T, H in ((1, 1), (1, 3), (2, 2), (4, 4), (6, 3))
    ]


def _product(states: Tensor, factor: object) -> Tensor:
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states:
        product = factor(h) @ product  # type: ignore[operator]
    return product


def without_the_slope(states: Tensor, W_hh: Tensor) -> Tensor:
    """The weights alone."""
    power: Tensor = torch.linalg.matrix_power(W_hh, len(states))
    return power


def slope_on_the_columns(states: Tensor, W_hh: Tensor) -> Tensor:
    """(1 − h²) * W_hh broadcasts over the columns."""
    return _product(states, lambda h: (1 - h**2) * W_hh)


def transposed(states: Tensor, W_hh: Tensor) -> Tensor:
    """W_hh.T, as in the step for a batch of rows."""
    return _product(states, lambda h: (1 - h**2)[:, None] * W_hh.T)


def wrong_order(states: Tensor, W_hh: Tensor) -> Tensor:
    """The new factor on the right."""
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states:
        product = product @ gradients.step_jacobian(h, W_hh)
    return product


def entry_by_entry(states: Tensor, W_hh: Tensor) -> Tensor:
    """* for @."""
    product = torch.ones_like(W_hh)
    for h in states:
        product = product * gradients.step_jacobian(h, W_hh)
    return product


def added(states: Tensor, W_hh: Tensor) -> Tensor:
    """A sum for a product."""
    return torch.stack([gradients.step_jacobian(h, W_hh) for h in states]).sum(dim=0)


def tanh_again(states: Tensor, W_hh: Tensor) -> Tensor:
    """The slope at the state, as if it had not been squashed yet."""
    return _product(states, lambda h: (1 - torch.tanh(h) ** 2)[:, None] * W_hh)


def slope_without_square(states: Tensor, W_hh: Tensor) -> Tensor:
    """1 − h."""
    return _product(states, lambda h: (1 - h)[:, None] * W_hh)


def last_step_only(states: Tensor, W_hh: Tensor) -> Tensor:
    """The factor of the last step."""
    return gradients.step_jacobian(states[-1], W_hh)


def first_left_out(states: Tensor, W_hh: Tensor) -> Tensor:
    """The factor of the first step is missing."""
    return gradients.jacobian_product(states[1:], W_hh)


def with_diag(states: Tensor, W_hh: Tensor) -> Tensor:
    """A right answer with a diagonal matrix."""
    return _product(states, lambda h: torch.diag(1 - h**2) @ W_hh)


def from_the_end(states: Tensor, W_hh: Tensor) -> Tensor:
    """A right answer that goes backwards, as backpropagation does."""
    product = torch.eye(states.shape[1], dtype=states.dtype)
    for h in states.flip(0):
        product = product @ gradients.step_jacobian(h, W_hh)
    return product


jacobian_product = FunctionExercise(
    lesson="06",
    reference=gradients.jacobian_product,
    cases=states_and_weights,
    result="∂h_T/∂h_0, shape (H, H)",
    variants=(with_diag, from_the_end),
    shape_tip="Each factor is a matrix (H, H): `(1 - h**2)[:, None] * W_hh` scales the rows of W_hh.",
    mistakes=(
        Mistake(
            without_the_slope,
            "That is the power of W_hh alone. Each step also passes through tanh: its slope is 1 − h².",
        ),
        Mistake(
            slope_on_the_columns,
            "`(1 - h**2) * W_hh` scales the columns. The slope belongs to the unit that is computed, a row of W_hh: "
            "`(1 - h**2)[:, None] * W_hh`.",
        ),
        Mistake(transposed, "For one state as a column the factor holds W_hh itself, not W_hh.T."),
        Mistake(
            wrong_order,
            "The factors stand in the wrong order. The first step acts first, so it stands on the right: "
            "`product = factor @ product`.",
        ),
        Mistake(entry_by_entry, "`*` multiplies entry by entry. One step after the other is the matrix product `@`."),
        Mistake(added, "You add the factors. One step acts on the result of the one before: multiply them."),
        Mistake(tanh_again, "h is squashed already: the slope of tanh there is 1 − h², without another tanh."),
        Mistake(slope_without_square, "The slope of tanh is 1 − h², with the square."),
        Mistake(last_step_only, "That is the factor of the last step alone. Multiply the factors of all steps."),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states, W_hh).T,
            "That is the transpose: entry [i, j] should be ∂h_T[i]/∂h_0[j].",
        ),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states[:-1], W_hh),
            "The factor of the last state is missing: there are T factors, one for each state.",
        ),
        Mistake(
            lambda states, W_hh: gradients.jacobian_product(states[-1:].expand_as(states), W_hh),
            "Every step uses the slope of the last state. Each has its own: 1 − h² with the h of that step.",
        ),
        Mistake(first_left_out, "The factor of the first state is missing: there are T factors, one for each state."),
    ),
    hints=(
        "One factor a step, `step_jacobian(h, W_hh)`, for each h in states. How do you combine them?",
        "Start from `torch.eye(H)` (of the dtype of W_hh), and multiply a factor onto it at each step.",
        "The later step acts on what the earlier one gave: `product = step_jacobian(h, W_hh) @ product`.",
    ),
)

step_jacobian = FunctionExercise(
    lesson="06",
    reference=gradients.step_jacobian,
    cases=lambda generator: [(states[-1], W) for states, W in states_and_weights(generator)],
    result="∂h_t/∂h_{t−1}, shape (H, H)",
    variants=(lambda h, W_hh: torch.diag(1 - h**2) @ W_hh, lambda h, W_hh: W_hh - (h**2)[:, None] * W_hh),
    shape_tip="The result is a matrix (H, H): `[:, None]` makes a column of h, which then scales the rows of W_hh.",
    mistakes=(
        Mistake(
            lambda h, W_hh: W_hh.clone(),
            "That is W_hh alone. The step also passes through tanh, whose slope is 1 − h².",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2) * W_hh,
            "`(1 - h**2) * W_hh` scales the columns of W_hh. Row i belongs to unit i of the new state, and "
            "so does its slope: "
            "`(1 - h**2)[:, None] * W_hh`.",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2)[:, None] * W_hh.T,
            "Here W_hh stands as it is, without .T: entry [i, j] leads from unit j to unit i.",
        ),
        Mistake(
            lambda h, W_hh: (1 - torch.tanh(h) ** 2)[:, None] * W_hh,
            "h is the state after tanh. Its slope there is 1 − h², without another tanh.",
        ),
        Mistake(lambda h, W_hh: (1 - h)[:, None] * W_hh, "The slope of tanh is 1 − h², with the square."),
        Mistake(
            lambda h, W_hh: torch.diag(1 - h**2),
            "That is the slope of tanh alone. The change comes through W_hh first: multiply by it.",
        ),
        Mistake(
            lambda h, W_hh: (1 - h**2) @ W_hh,
            "That is a vector: the slopes were summed up. Each row of W_hh is scaled by its own slope, so "
            "the result is (H, H).",
        ),
    ),
    hints=(
        "h_t = tanh(a), with a = … + W_hh h_{t−1}. By the chain rule: the slope of tanh at each unit, "
        "times ∂a/∂h_{t−1}.",
        "∂a/∂h_{t−1} is W_hh. The slope of tanh, written with the result h, is 1 − h².",
        "Row i of W_hh is scaled by 1 − h[i]²: `(1 - h**2)[:, None] * W_hh`.",
    ),
)

# ---------------------------------------------------------------------------------------------------------------------
# Clipping


def gradients_and_limits(generator: torch.Generator) -> list[Arguments]:
    """Gradients longer and shorter than the limit, vectors and matrices."""
    plain = torch.tensor([30.0, 40.0])
    drawn = [
        torch.randn(shape, generator=generator) * size for shape, size in (((4,), 10.0), ((3, 2), 5.0), ((5,), 0.1))
    ]
    return [(plain, 5.0), (plain / 100, 5.0), (drawn[0], 1.0), (drawn[1], 2.0), (drawn[2], 1.0), (-plain, 10.0)]


def clipped_by_value(gradient: Tensor, limit: float) -> Tensor:
    """Each entry cut."""
    return gradients.clip_by_value(gradient, limit)


def always_scaled(gradient: Tensor, limit: float) -> Tensor:
    """Short gradients are made longer."""
    return gradient * (limit / float(gradient.norm()))


def never_scaled(gradient: Tensor, limit: float) -> Tensor:
    """The gradient as it is."""
    return gradient.clone()


def unit_length(gradient: Tensor, limit: float) -> Tensor:
    """Scaled to 1 instead of the limit."""
    return gradient / gradient.norm() if gradient.norm() > limit else gradient.clone()


def divided_by_the_limit(gradient: Tensor, limit: float) -> Tensor:
    """The limit where the norm belongs."""
    return gradient / limit if gradient.norm() > limit else gradient.clone()


def norm_without_root(gradient: Tensor, limit: float) -> Tensor:
    """The root forgotten."""
    norm = gradient.square().sum()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def sum_of_sizes(gradient: Tensor, limit: float) -> Tensor:
    """The sum of absolute values for the norm."""
    norm = gradient.abs().sum()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def largest_entry(gradient: Tensor, limit: float) -> Tensor:
    """The largest entry for the norm."""
    norm = gradient.abs().max()
    return gradient * (limit / norm) if norm > limit else gradient.clone()


def thrown_away(gradient: Tensor, limit: float) -> Tensor:
    """A long gradient set to zero."""
    return gradient * float(gradient.norm() <= limit)


def with_min(gradient: Tensor, limit: float) -> Tensor:
    """A right answer without an if."""
    return gradient * min(1.0, limit / float(gradient.norm()))


def as_torch_does(gradient: Tensor, limit: float) -> Tensor:
    """A right answer by torch's own function, which adds 1e−6 to the norm."""
    parameter = torch.nn.Parameter(torch.zeros_like(gradient))
    parameter.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_([parameter], limit)
    return parameter.grad


clip_by_norm = FunctionExercise(
    lesson="06",
    reference=gradients.clip_by_norm,
    cases=gradients_and_limits,
    result="the gradient, no longer than the limit",
    variants=(with_min, as_torch_does),
    mistakes=(
        Mistake(
            clipped_by_value,
            "You cut each entry: that is clipping by value, and it turns the gradient. Scale the whole of "
            "it by one factor.",
        ),
        Mistake(
            always_scaled,
            "Long gradients come out right. Short ones are made longer: leave those alone whose norm is "
            "within the limit.",
        ),
        Mistake(never_scaled, "The gradient comes back as it was. Where its norm is above the limit, scale it down."),
        Mistake(unit_length, "It has the norm 1 now. It should have the norm `limit`: multiply by the limit as well."),
        Mistake(
            divided_by_the_limit, "You divide by the limit. Divide by the gradient's norm, and multiply by the limit."
        ),
        Mistake(
            norm_without_root, "The root is missing: the norm of (30, 40) is 50, not 2,500. `gradient.norm()` knows."
        ),
        Mistake(
            sum_of_sizes,
            "You add up the sizes of the entries. The norm is the root of the sum of squares: 50 for (30, 40), not 70.",
        ),
        Mistake(
            largest_entry,
            "You take the largest entry for the norm. The norm of (30, 40) is 50: the root of the sum of squares.",
        ),
        Mistake(
            thrown_away,
            "A gradient that is too long is not thrown away: keep its direction, and shorten it to the limit.",
        ),
    ),
    hints=(
        "Only a gradient that is longer than the limit is changed. How long is it?",
        "`gradient.norm()` is its length. Which factor brings that to the limit?",
        "`gradient * (limit / norm)` where norm > limit, else the gradient as it is.",
    ),
)

clipped_angle = NumberQuestion(
    lesson="06",
    name="clipped_angle",
    unit="degrees",
    answer=round(math.degrees(math.acos(7 / (5 * math.sqrt(2)))), 2),
    tolerance=0.03,
    mistakes={
        0.0: "By norm it would be 0. By value, (30, 40) becomes (5, 5), which points elsewhere.",
        45.0: "45° is the direction of (5, 5). Asked is the angle between it and (30, 40), which points to 53.1°.",
        0.1419: "That is the angle in radians. Asked is it in degrees: times 180/π.",
        53.13: "53.1° is the direction of (30, 40). Asked is the angle between it and (5, 5), which points to 45°.",
    },
    why="(5, 5) points to 45°, (30, 40) to 53.1°.",
    prediction=True,
)

# ---------------------------------------------------------------------------------------------------------------------
# Remedies


def matrices_and_radii(generator: torch.Generator) -> list[Arguments]:
    """Matrices with real and with complex eigenvalues, and the radius wanted."""
    turn = torch.tensor([[0.0, -2.0], [2.0, 0.0]], dtype=torch.float64)
    found: list[Arguments] = [
        (torch.randn(H, H, generator=generator, dtype=torch.float64), radius)
        for H, radius in ((2, 0.9), (5, 1.0), (8, 1.3))
    ]
    mirrored = torch.tensor([[-3.0, 1.0], [0.0, 1.0]], dtype=torch.float64)
    return [(turn, 0.5), (mirrored, 0.9), (turn, 3.0), *found]


scaled_to_radius = FunctionExercise(
    lesson="06",
    reference=gradients.scaled_to_radius,
    cases=matrices_and_radii,
    result="W times a number, with that spectral radius, shape (H, H)",
    variants=(
        lambda W, radius: radius * W / gradients.spectral_radius(W),
        lambda W, radius: W / max(abs(value) for value in torch.linalg.eigvals(W)) * radius,
    ),
    mistakes=(
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.matrix_norm(W, 2)),
            "You divide by the largest singular value: that makes the largest *stretch* equal to radius. "
            "The spectral radius "
            "is the largest |eigenvalue|.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.norm(W)),
            "You divide by the Frobenius norm. The spectral radius is the largest |eigenvalue|: "
            "`torch.linalg.eigvals(W).abs().max()`.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).real.max()),
            "You take the largest *real part*. An eigenvalue may be complex, or negative: its size is `.abs()`.",
        ),
        Mistake(
            lambda W, radius: W * (radius / torch.linalg.eigvals(W).real.abs().max()),
            "You take the real part of each eigenvalue. One that is complex has the size `.abs()`, its "
            "imaginary part included.",
        ),
        Mistake(
            lambda W, radius: W * radius,
            "That multiplies the spectral radius W has by radius. Divide by the one it has first.",
        ),
        Mistake(
            lambda W, radius: W / torch.linalg.eigvals(W).abs().max(),
            "Now the spectral radius is 1. Multiply by the one that is wanted.",
        ),
        Mistake(
            lambda W, radius: W * (radius / W.abs().max()),
            "You divide by the largest entry. The spectral radius is the largest |eigenvalue|: "
            "`torch.linalg.eigvals(W)`.",
        ),
    ),
    hints=(
        "If W is multiplied by a number, so are its eigenvalues. What is the largest |eigenvalue| now, "
        "and what should it be?",
        "`torch.linalg.eigvals(W)` gives the eigenvalues, complex ones too; `.abs()` gives their size.",
        "`W * (radius / torch.linalg.eigvals(W).abs().max())`",
    ),
)

adding_chance = NumberQuestion(
    lesson="06",
    name="adding_chance",
    answer=round(1 / 6, 4),
    tolerance=0.04,
    unit="(mean squared error)",
    mistakes={
        1
        / 12: "1/12 is the variance of one number between 0 and 1. Two of them are added, and their variances add up.",
        0.5: "The best constant answer is 1, the mean of the sum. Its mean squared error is the variance of the sum.",
        1.0: "1 is the best constant answer. Asked is its mean squared error: the variance of the sum.",
        1 / 3: "1/3 is the mean of the square of one number. Take the variance, 1/12 each, and add the two.",
        0.25: "The two numbers spread over 0 to 1, each with the variance 1/12; the variances of the two add up.",
    },
    why="The best constant answer is the mean, 1; its error is the variance of a sum of two uniform "
    "numbers, 1/12 + 1/12.",
)

river_question = ChoiceQuestion(
    lesson="06",
    name="river_question",
    question="The loss will not fall. Where does the gradient of W_hh come from while the network fails?",
    choices=(
        "from all steps alike",
        "from the steps where the numbers were marked",
        "from the last few steps",
        "there is none: it is zero",
    ),
    answer="from the last few steps",
    says={
        "from all steps alike": (
            "Each part has to travel back through the product, and is smaller at every step: the last few "
            "carry nearly all."
        ),
        "from the steps where the numbers were marked": (
            "That is where it should come from. But those steps lie far back, and nearly nothing arrives from there."
        ),
        "there is none: it is zero": (
            "The whole gradient is far from zero. It is a gradient that comes from the wrong place."
        ),
    },
    why="A large gradient need not come from far back.",
)

identity_question = ChoiceQuestion(
    lesson="06",
    name="identity_question",
    question="Inputs so small that tanh is hardly bent: with which matrix is all of a gradient left after 100 steps?",
    choices=(
        "the random one, scaled to the spectral radius 1",
        "the identity alone",
        "the identity and the orthogonal one",
        "all three",
    ),
    answer="the identity and the orthogonal one",
    says={
        "the random one, scaled to the spectral radius 1": (
            "Its largest eigenvalue is 1, and the others are smaller: whatever does not lie in its direction fades."
        ),
        "the identity alone": "The identity does. So does every orthogonal matrix: all its singular values are 1.",
        "all three": (
            "Not the random one: only its largest eigenvalue is 1, and what does not lie in that direction fades."
        ),
    },
    why="Both stretch every vector by exactly 1. What tanh takes away when it is bent is another matter.",
)

inside_networks = ChoiceQuestion(
    lesson="06",
    name="inside_networks",
    question="In a linear network B is harmless after two steps, and D explodes. And here, over 60 steps?",
    choices=(
        "as in the linear network",
        "B with ReLU explodes, D with tanh explodes too",
        "B with ReLU explodes, D with tanh does not",
        "neither of them explodes",
    ),
    answer="B with ReLU explodes, D with tanh does not",
    says={
        "as in the linear network": "It is the other way round: ReLU lets B explode, and tanh keeps D from it.",
        "B with ReLU explodes, D with tanh explodes too": (
            "B does. D does not: where its states grow, they come to the flat part of tanh, where the slope is small."
        ),
        "neither of them explodes": "B does: ReLU switches off the unit that would have cancelled the other.",
    },
    why="ReLU takes away what would have cancelled; tanh, here, flattens what would have exploded.",
)

left_at_100 = NumberQuestion(lesson="06", name="left_at_100", unit="as a power of ten", tolerance=0.0, prediction=True)
