"""leadworth: predicts the value of sales leads."""

__version__ = "0.1.0"
