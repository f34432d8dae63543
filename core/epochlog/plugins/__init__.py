"""Find plugins, arm integrations when their framework arrives, patch reversibly, say what is on."""
