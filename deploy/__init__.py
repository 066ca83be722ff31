"""What a cluster needs around the product: its secrets, its first start, and values for Kubernetes."""
