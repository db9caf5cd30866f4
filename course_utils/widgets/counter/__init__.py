"""Along a string, in the browser: what several networks hold after each symbol, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from course_utils.checks import check_name
from course_utils.display.settings import Settings
from course_utils.errors import CourseError
from course_utils.figures.style import Picture
from course_utils.widgets.shared.browser import BrowserWidget, module_text
from course_utils.widgets.shared.settings import settings_of

if TYPE_CHECKING:
    from torch import nn

    from course_utils.data.formal_languages import Language

COUNTED = ("aⁿbⁿ", "Dyck-1")  # languages without an automaton whose answers the browser knows
MOST_SYMBOLS, MOST_NETWORKS, MOST_UNITS = 200, 4, 16


class Counter(BrowserWidget):
    """The live widget; make one with `counter()`."""

    _esm = module_text("counter")


def counter(
    networks: Mapping[str, nn.Module], language: str = "aⁿbⁿ", text: str = "", settings: Settings | None = None
) -> Counter:
    """Put symbols together to a string, and look at the states and answers of networks after each.

    Args:
        networks: by name; each has a `core`, one layer of torch's RNN, GRU or LSTM that reads one input for each
            symbol, and a `readout` of linear and ReLU layers.
        language: one with an automaton, aⁿbⁿ or Dyck-1.
        text: the string at first.
        settings: how the networks were trained, told below; default: what `fit` noted on the first.

    Raises:
        CourseError: no such language, a symbol that it does not have, no network, or one that cannot be shown.
    """
    from course_utils.data.formal_languages import LANGUAGES

    check_name("language", language, [name for name, kind in LANGUAGES.items() if kind.automaton or name in COUNTED])
    kind = LANGUAGES[language]
    if not 1 <= len(networks) <= MOST_NETWORKS:
        raise CourseError(f"{len(networks)} networks were given. Give 1 to {MOST_NETWORKS}, by name.")
    symbols: list[int] = kind.encode(text)[0].tolist() if text else []
    if len(symbols) > MOST_SYMBOLS:
        raise CourseError(f"The string has {len(symbols)} symbols. Give at most {MOST_SYMBOLS}.")
    machine = kind.automaton and {"table": kind.automaton.table, "outputs": kind.automaton.answers}
    params: dict[str, Any] = {
        "language": language,
        "symbols": kind.symbols,
        "answers": kind.answers,
        "machine": machine,
        "text": symbols,
        "most": MOST_SYMBOLS,
        "networks": [_weights(name, network, kind) for name, network in networks.items()],
    }
    first = next(iter(networks.values()))
    return Counter(params, picture(networks, kind, text or kind.symbols[0]), settings_of(first, settings))


def _weights(name: str, network: nn.Module, language: Language) -> dict[str, Any]:
    """A network's numbers, as the browser takes them."""
    from torch import nn

    core: Any = getattr(network, "core", None)
    readout: Any = getattr(network, "readout", None)
    layers = list(readout) if isinstance(readout, nn.Sequential) else [readout]
    linear = [layer for layer in layers if isinstance(layer, nn.Linear)]
    if not isinstance(core, nn.RNN | nn.GRU | nn.LSTM) or core.num_layers != 1 or core.bidirectional:
        raise CourseError(f"{name} has no `core` that is one layer of torch's RNN, GRU or LSTM. Give another network.")
    if [isinstance(layer, nn.Linear) for layer in layers] != [n % 2 == 0 for n in range(len(layers))] or not all(
        isinstance(layer, nn.Linear | nn.ReLU) for layer in layers
    ):
        raise CourseError(f"The read-out of {name} must be linear layers with ReLU between them. Give another network.")
    sizes = core.input_size, linear[-1].out_features
    if sizes != (len(language.symbols), len(language.answers)) or core.hidden_size > MOST_UNITS:
        raise CourseError(
            f"{name} reads {sizes[0]} symbols, gives {sizes[1]} answers and has {core.hidden_size} units. "
            f"{language.name} has {len(language.symbols)} symbols and {len(language.answers)} answers; give at most "
            f"{MOST_UNITS} units."
        )
    cell = {nn.GRU: "gru", nn.LSTM: "lstm"}.get(type(core), "rnn" if core.mode == "RNN_TANH" else "relu_rnn")
    names = ("W_ih", "W_hh", "b_ih", "b_hh")
    weights = {key: weight.tolist() for key, weight in zip(names, core.parameters(), strict=True)}
    return {
        "name": name,
        "cell": cell,
        **weights,
        "layers": [[one.weight.tolist(), one.bias.tolist()] for one in linear],
    }


def picture(networks: Mapping[str, nn.Module], language: Language, text: str) -> Picture:
    """What stands in the widget's place where no script runs: the first number of each state along the string."""
    from course_utils.figures.strings import along_string
    from course_utils.nn.extraction import Stepper

    symbols = language.encode(text)
    held: dict[str, list[float]] = {}
    for name, network in networks.items():
        stepper = Stepper(network)
        state, held[name] = stepper.beginning, []
        for symbol in symbols[0]:
            state = stepper.step(state, symbol[None])
            held[name].append(float(state[0, stepper.size - stepper.hidden_size]))  # of an LSTM the first cell
    return along_string(
        [language.symbols[symbol] for symbol in symbols[0]],
        held,
        label="first unit (of an LSTM its cell)",
        title=f"What the first unit of each network holds along a string of {language.name}",
    )
