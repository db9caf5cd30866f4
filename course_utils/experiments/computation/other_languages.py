"""The four tasks that the large grid leaves out: sums modulo 5, aⁿbⁿcⁿ, brackets of two kinds, and the last letter.

A smaller grid than `formal_language_grid`, of the four recurrent networks alone, with two rates to choose from, a
shorter search and two seeds: it shows what the tasks are for them, and no claim is judged by it.
"""

from __future__ import annotations

from course_utils.experiments.computation import formal_language_grid as grid
from course_utils.experiments.framework.experiment import Experiment
from course_utils.nn.tracking_net import RECURRENT

RATES = (0.01, 0.03)  # the two that the large grid chose most often
NAMES = {  # language → name
    "modular sums": "other_sums",
    "aⁿbⁿcⁿ": "other_three_counts",
    "Dyck-2": "other_dyck_2",
    "last letter": "other_last_letter",
}

# Of both choices and all rates the pair with most right answers on strings of 40, 80 and 160 symbols after 200 steps,
# on the seed of the search; of equal ones the one with the smaller loss.
CHOSEN: dict[str, dict[str, tuple[str, float]]] = {
    "modular sums": {
        "tanh RNN": ("torch's own", 0.03),
        "ReLU RNN": ("identity", 0.01),
        "GRU": ("torch's own", 0.03),
        "LSTM": ("torch's own", 0.01),
    },
    "aⁿbⁿcⁿ": {
        "tanh RNN": ("torch's own", 0.01),
        "ReLU RNN": ("identity", 0.03),
        "GRU": ("orthogonal", 0.01),
        "LSTM": ("forget biases 1", 0.03),
    },
    "Dyck-2": {
        "tanh RNN": ("torch's own", 0.03),
        "ReLU RNN": ("torch's own", 0.03),
        "GRU": ("orthogonal", 0.03),
        "LSTM": ("forget biases 1", 0.03),
    },
    "last letter": {
        "tanh RNN": ("orthogonal", 0.03),
        "ReLU RNN": ("torch's own", 0.01),
        "GRU": ("orthogonal", 0.03),
        "LSTM": ("torch's own", 0.03),
    },
}

_SETTINGS = {"lstm_units": grid.LSTM_UNITS, "strings": 200}
_QUICK = {"lstm_units": 4, "steps": 3, "strings": 8}


def reported(language: str) -> list[list[object]]:
    """The best pair of each network; before the search, the first choice with the larger rate.

    Args:
        language: one of `NAMES`.
    """
    chosen = CHOSEN.get(language, {})
    return [[language, network, *chosen.get(network, (grid.choices(network)[0], RATES[1]))] for network in RECURRENT]


EXPERIMENTS = (
    *(
        Experiment(
            name=f"{name}_search",
            version=1,
            measure=grid.measure,
            told=grid.told,
            seeds=(1000,),  # none of those that are reported
            settings={
                **_SETTINGS,
                "runs": grid.searched(language, RATES, tuple(RECURRENT)),
                "steps": 200,
                "lengths": [40, 80, 160],
            },
            quick={**_QUICK, "runs": grid.searched(language, RATES[:1], tuple(RECURRENT))},
            timed=("cpu_seconds",),
        )
        for language, name in NAMES.items()
    ),
    *(
        Experiment(
            name=name,
            version=1,
            measure=grid.measure,
            told=grid.told,
            seeds=(760, 761),  # that no other experiment has used
            settings={
                **_SETTINGS,
                "runs": reported(language),
                "steps": 1_000,
                "lengths": [40, 60, 101, 200, 500],
            },
            quick=_QUICK,
            timed=("cpu_seconds",),
        )
        for language, name in NAMES.items()
    ),
)
