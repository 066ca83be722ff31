"""The portal: what a municipality sees and does in a browser (contracten §4). Pages on the steps, and nothing else."""
