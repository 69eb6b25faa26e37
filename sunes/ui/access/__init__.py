"""Who looks at a page: the way in and out, and what is told of what is reserved."""
