"""How every recipe starts: flags from its Config, quietly, from a seed.

Beside the recipes and not in rnnzoo, because importing anything of rnnzoo loads
Keras: `--help` would take seconds, and TensorFlow's banners could not be held
back.
"""
