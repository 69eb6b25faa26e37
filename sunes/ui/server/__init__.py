"""The server round the pages: what it lets in, what it sends, what it tells those who watch it."""
