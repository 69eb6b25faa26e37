"""Whether the measure of a usage reaches its threshold, as far as a file tells it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sunes.french import day, number, percent
from sunes.ingest.readers.follow_up.vocabulary import DAY, DENOMINATOR, NUMERATOR, RATE, STATUS, THRESHOLD

_SAYS = {"attained": "atteinte", "missed": "non atteinte"}
# What rounding to a whole percentage may change.
_ROUNDING = Decimal("0.0051")


class ContradictionError(ValueError):
    """Two things that a measure says and that can't both be; `measure` is the one to look at."""

    def __init__(self, measure: str, message: str) -> None:
        super().__init__(message)
        self.measure = measure


def verdict(values: Mapping[str, Any], has_status: bool) -> str:
    """The status of a usage from what was measured; the rules are those of `follow_up`.

    Parameters
    ----------
    values
        Measure → value, rates and thresholds from 0 to 1; absent or None where the file does not say it.
    has_status
        Whether the file has a column for the status: then an empty one means something.

    Raises
    ------
    ContradictionError
        With a French sentence.
    """
    told, evaluated_on = values.get(STATUS), values.get(DAY)
    rate = _rate(values)
    threshold = values.get(THRESHOLD)
    reached = None if rate is None or threshold is None else ("attained" if rate >= threshold else "missed")
    # A rate without its counts was rounded by somebody, perhaps to the other side of the threshold.
    slack = _ROUNDING if rate is values.get(RATE) else 0
    near = rate is not None and threshold is not None and abs(rate - threshold) <= slack
    if told in _SAYS and values.get(DENOMINATOR) == 0:
        raise ContradictionError(
            STATUS, f"la cible est dite {_SAYS[told]}, mais le dénominateur est 0 ; corrigez l’un d’eux."
        )
    if told in _SAYS and reached not in (None, told) and not near:
        raise ContradictionError(
            STATUS,
            f"la cible est dite {_SAYS[told]}, mais le taux est de {percent(rate)} pour un seuil de "
            f"{percent(threshold, None)} ; corrigez l’un des deux.",
        )
    if told:
        return str(told)
    if reached and (evaluated_on or not has_status):
        return reached
    if evaluated_on and values.get(DENOMINATOR) != 0:
        raise ContradictionError(
            DAY,
            f"évalué le {day(evaluated_on)}, mais rien ne dit si la cible est atteinte ; dites-le ou videz la date.",
        )
    return "not_evaluated"


def _rate(values: Mapping[str, Any]) -> Decimal | None:
    """The rate: the one of the counts, which one that is given has to agree with; else the one that is given."""
    rate, numerator, denominator = (values.get(name) for name in (RATE, NUMERATOR, DENOMINATOR))
    if numerator is None or denominator is None:
        return rate
    if numerator > denominator:
        message = f"le numérateur dépasse le dénominateur ({number(denominator)}) ; corrigez l’un des deux."
        raise ContradictionError(NUMERATOR, message)
    if not denominator:
        return None
    exact = Decimal(numerator) / Decimal(denominator)
    if rate is not None and abs(exact - rate) > _ROUNDING:
        raise ContradictionError(
            RATE,
            f"ce taux n’est pas celui de {number(numerator)} sur {number(denominator)} ({percent(exact)}) ; "
            "corrigez l’un ou l’autre.",
        )
    return exact
