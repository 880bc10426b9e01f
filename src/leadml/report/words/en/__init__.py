"""The words of the pages in English."""

from leadml.report.words.en import card, explored, frame, leaks, model, results

WORDS = (
    frame.FRAME
    | frame.ANSWER
    | results.RESULTS
    | results.METRICS
    | model.MODEL
    | card.CARD
    | leaks.LEAKS
    | explored.EXPLORED
)
