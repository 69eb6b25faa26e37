"""Decks: slides made from a View, whatever then shows them (a screen, a web page, a PowerPoint file)."""
