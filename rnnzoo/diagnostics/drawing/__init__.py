"""Drawings of recurrent networks, as textbooks have them.

`describe` tells what is there, `folded` and `unrolled` where it goes, and
`paint` puts it on paper.
"""
