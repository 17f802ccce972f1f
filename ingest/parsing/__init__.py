"""Bytes of any supported format in, text with sections and exact spans out."""
