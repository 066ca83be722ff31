"""Asking the sources: over HTTP into Arrow tables (bronsnapshots), and from those into the rules' frames."""
