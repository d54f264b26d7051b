"""Edge video analytics for perimeter protection: cameras in, alerts out, never who."""

__version__ = "0.1.0"
