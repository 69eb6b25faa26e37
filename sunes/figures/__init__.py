"""Tidy answers as Plotly figures: pure functions, the same for a screen, a slide and a file."""
