"""What ``epochlog reproduce`` does: write the code, plan the command, compare the results."""
