"""leadml against other learners on the public sets: ``python -m bench.others``."""
