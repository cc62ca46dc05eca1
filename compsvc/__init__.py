"""Sales commission plans as code, and every cent explained."""

__version__ = "0.1.0"
