"""The parts of the simulated data set: its settings, its draws, its register, its dossiers and its usages.

`sunes.simulate` puts them together. Nothing here is measured: every parameter is in `data/reference/simulation.toml`.
"""
