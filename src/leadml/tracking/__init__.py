"""MLflow: runs, the registry, and the pyfunc model."""
