"""German."""

from leadml.serving.pages.words.de import desk, frame, home, model

WORDS = frame.FRAME | home.HOME | model.MODEL | desk.DESK
