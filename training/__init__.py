"""Training: labelled data and its checks, splits, training and evaluation of models."""
