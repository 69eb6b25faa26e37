"""The page « Présentation »: which deck, a preview in which its keys work, what it is made of, what is taken away."""
