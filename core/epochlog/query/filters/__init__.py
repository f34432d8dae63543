"""The filter language: a subset of Python expressions, parsed with ``ast``, compiled to SQL."""
