"""The web UI's server: what a browser asks of a store, answered over HTTP and one WebSocket."""
