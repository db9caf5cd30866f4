"""Numbers as people read them: few digits, a true minus sign."""

from __future__ import annotations

import math

MISSING = "–"


def short(value: float, digits: int = 3) -> str:
    """A number in a sentence or a label: three significant digits, no trailing zeros.

    Args:
        value: any number.
        digits: how many significant digits.

    Returns:
        Such as "0.0312", "98.7", "1,230", "1.2e−07"; "–" for NaN.
    """
    if math.isnan(value):
        return MISSING
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    rounded = f"{value:.{digits - 1}e}"
    mantissa, power = float(rounded.split("e")[0]), int(rounded.split("e")[1])
    if not -3 <= power < 7:
        text = f"{mantissa:g}e{power}"
    else:
        text = f"{float(rounded):z,.{max(digits - 1 - power, 0)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−")


def named(name: str, value: float) -> str:
    """A name and its number, "LSTM 0.98"; with a colon where the name ends in a digit itself."""
    return f"{name}{':' if name[-1:].isdigit() else ''} {short(value)}".strip()


def listed(parts: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
