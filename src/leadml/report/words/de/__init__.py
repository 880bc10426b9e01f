"""The words of the pages in German."""

from leadml.report.words.de import card, explored, frame, leaks, model, results

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
