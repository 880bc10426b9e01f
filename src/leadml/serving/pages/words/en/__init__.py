"""English."""

from leadml.serving.pages.words.en import desk, frame, home, model, sales

WORDS = frame.FRAME | home.HOME | model.MODEL | desk.DESK | sales.SALES
