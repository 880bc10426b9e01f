"""Grades: letters by score."""

from collections.abc import Mapping


class Grades:
    """Letters by score: the highest threshold that a score reaches; D below all."""

    def __init__(self, thresholds: Mapping[str, int]) -> None:
        falling = sorted(thresholds.items(), key=lambda item: -item[1])
        self.letters = [*(letter for letter, _ in falling), "D"]
        self.by_score = ["D"] + [
            next((letter for letter, least in falling if score >= least), "D") for score in range(1, 101)
        ]
