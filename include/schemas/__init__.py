"""Every shape that crosses a boundary: files, source answers and the frames between the stages."""
