"""Columns of rates, in which people write « 78,5 % », 78,5 or 0,785 for the same thing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from sunes.french import MINUS, NARROW_NBSP, NBSP, percent, quote

_WRITTEN = re.compile(rf"([+\-{MINUS}]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d{{1,2}})?)[ {NBSP}{NARROW_NBSP}]*(%?)", re.ASCII)
# What a spreadsheet adds to a fraction that it computes is noise from here on.
_DIGITS = Decimal("1e-9")


@dataclass(frozen=True, slots=True)
class Scale:
    """How the numbers of a column are meant, as far as all of them together tell.

    Attributes
    ----------
    hundredth, fraction, signed
        A number above 1, one between 0 and 1, and one with a « % », as the column writes them; None where it has no
        such number.
    """

    hundredth: str | None = None
    fraction: str | None = None
    signed: str | None = None

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Scale":
        """The scale of the cells of one column; those that hold no number don't count."""
        hundredth = fraction = signed = None
        for text in texts:
            if match := _WRITTEN.fullmatch(text):
                value = _decimal(match[1])
                if match[2]:
                    signed = signed or text
                elif value > 1:
                    hundredth = hundredth or text
                elif value > 0:
                    fraction = fraction or (text if value < 1 else None)
        return cls(hundredth, fraction, signed)

    def read(self, text: str) -> Decimal:
        """The rate that a cell means, from 0 to 1.

        A number up to 1 is certain where the other bare numbers of the column are all above 1, or all fractions with no
        « % » beside them. Raises ValueError with a French sentence where it may mean two rates, or is none.
        """
        match = _WRITTEN.fullmatch(text)
        if not match:
            raise ValueError("un taux est attendu, par exemple 78,5 %.")
        value = _decimal(match[1])
        if match[2] or value > 1 or (self.hundredth and not self.fraction):
            value /= 100
        elif value > 0 and (self.hundredth or self.signed or not self.fraction):
            other = self.hundredth or self.signed
            why = f"la colonne porte aussi {quote(other)}" if other else "rien dans la colonne ne le dit"
            raise ValueError(
                f"ce taux peut vouloir dire {_percent(value)} ou {_percent(value / 100)} ({why}) ; "
                "écrivez-le avec le signe %."
            )
        if not 0 <= value <= 1:
            raise ValueError("un taux est compris entre 0 % et 100 %.")
        return value.quantize(_DIGITS).normalize()


def _decimal(text: str) -> Decimal:
    return Decimal(text.replace(",", ".").replace(MINUS, "-"))


def _percent(rate: Decimal) -> str:
    return percent(rate, 2 if rate * 10_000 % 1 else None)
