"""A run that only remembers."""


class Notes:
    def __init__(self):
        self.metrics = {}
        self.texts = {}
        self.figures = {}

    def log_metrics(self, metrics, step=0):
        self.metrics |= metrics

    def log_text(self, text, path):
        self.texts[path] = text

    def log_figure(self, figure, path):
        self.figures[path] = figure
