"""The knowledge distiller: hidden coordinates, encoder, latent cell, decoder, the sweep."""
