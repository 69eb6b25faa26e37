"""The page « Importer »: its steps, and what can be undone afterwards."""
