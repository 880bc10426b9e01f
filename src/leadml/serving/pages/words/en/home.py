"""English: the first page."""

HOME = {
    "home_title": "Which leads first?",
    "home_sub": "Upload your leads, or open a list. They come back in order, each with its reasons.",
    "strip_model": "Model",
    "strip_trained": "Trained",
    "strip_horizon": "Predicts a purchase",
    "strip_reached": "In its test, the first 20%",
    "strip_reached_value": "reached {at} of buyers",
    "strip_more": "About the model",
}
