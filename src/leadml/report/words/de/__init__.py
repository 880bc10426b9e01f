"""The words of the pages in German."""

from leadml.report.words.de import card, frame, model, results

WORDS = frame.FRAME | frame.ANSWER | results.RESULTS | results.METRICS | model.MODEL | card.CARD
