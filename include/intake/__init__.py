"""From the bytes a municipality hands in to accepted aanvragen and a list of errors."""
