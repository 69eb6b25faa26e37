"""What the figures say: comparisons, progress, changes, and the sentences that tell them."""
