"""« Établissements »: find establishments, see where each one stands, compare a few of them in full."""

from sunes.ui import data, finder, sheet

view = data.current_view()
listed = data.roster(view)

finder.notices(view, listed)
if view.finess and len(listed.lines) <= finder.SHEETS:
    sheet.show(view, listed)
else:
    finder.table(view, listed)
