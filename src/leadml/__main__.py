"""``python -m leadml``: the program, where its script is not on the path."""

from leadml.cli.main import run

if __name__ == "__main__":
    run()
