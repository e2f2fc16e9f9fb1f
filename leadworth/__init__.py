"""leadworth: what each lead is worth."""

__version__ = "0.1.0"
