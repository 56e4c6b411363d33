"""What a trained model makes of strings: texts, or the names of files.

`python -m rnnzoo predict` and the models that MLflow keeps say the same by it.
"""
