"""What a table of past leads seems to hold, from names and contents: for ``leadml init``."""
