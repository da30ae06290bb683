"""The translator: a recurrent network that learns the response to an input.

It is wider than nature needs (six hidden variables by default), so that the knowledge distiller has
something to compress.
"""
