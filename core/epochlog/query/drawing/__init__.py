"""Drawing: recorded plots of one or many runs as matplotlib figures and Vega-Lite charts."""
