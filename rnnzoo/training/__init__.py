"""From a model and its data to a run that can be looked at.

`fit`: training with its callbacks; `tracking`: the run in MLflow;
`evaluation`: the score of a test set; `report`: exact match and tables. Import
the module that you need: the package itself loads nothing.
"""
