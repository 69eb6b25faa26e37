"""The follow-up of usages that an agency keeps by hand in a workbook, one row per establishment.

Each indicator has a group of columns, some of « Taux », « Seuil », « Numérateur », « Dénominateur », « Atteint ? » and
« Date »; or each row is about one indicator, which a column names, or each sheet, which is called so. The window is
told, in this order, by the group, by a column, by the name of the sheet (« Fenêtre 2 », « F2 ») or by the person who
imports.

How the status comes about, since it is what the figures count:

- A column that says it (« Atteint ? ») is believed, and an empty cell there means that nothing was evaluated. Where
  the measure says the contrary (atteint, but 60 % for a threshold of 80 %), the line is refused; a rate without its
  counts, which somebody rounded, has to say so by more than half a point.
- Without such a column, or where a day of evaluation is given, it is whether the rate reaches the threshold that the
  same line gives: numerator / denominator or, in want of these, the rate.
- A denominator of zero is not evaluated. Nor is a measure that nothing holds against a threshold: its counts are kept;
  a mere rate has no place in the contract, and the report tells which ones were let go. A sheet that has nothing but
  such rates is refused.
- A group that says nothing at all (empty, « n/a », « NC ») gives no row, whatever its threshold.
"""

from sunes.ingest.readers.follow_up.reader import read, recognises

__all__ = ["read", "recognises"]
