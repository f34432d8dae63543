"""Watch runs while they are recorded: rules, what they look at, what is done when one holds."""
