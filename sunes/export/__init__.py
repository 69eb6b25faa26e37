"""Answers as files to take away, with the same figures and names as the screen."""
