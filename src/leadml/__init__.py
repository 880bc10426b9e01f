"""leadml: learns from past leads which new ones will convert, ranks them, and says why."""
