"""The report and the model card: what a training found, as pages that need nothing but a browser."""
