"""What a sales team does with scores: whom not to call, and what a list is worth."""
