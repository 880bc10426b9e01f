"""The HTTP API and the sales page. Nothing here learns: no pandas, scikit-learn or MLflow is loaded."""
