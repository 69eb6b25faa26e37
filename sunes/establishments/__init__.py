"""Establishments one by one: found, listed, compared, and each in full on its sheet."""
