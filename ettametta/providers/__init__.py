"""The outside world, one folder per capability: a port (`base.py`), one file per vendor, a registry."""
