"""Answers and rosters as maps: pure functions that end in a pydeck deck and ask nothing of any network."""
