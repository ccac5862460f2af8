"""Clients made of data that nobody of this project wrote, read in place through ``sources:``."""
