"""The recording path: run, active run, journal, drain; it speaks in hooks and knows no store."""
