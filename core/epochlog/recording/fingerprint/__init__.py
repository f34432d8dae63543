"""Content digests of data sets, one module per kind of data; used by ``recording/datasets.py``."""
