"""Other people's ways, and ours, to learn a response from an input; one library a file."""

PEERS = {
    "PyTorch, Taylor network by Adam": "pytorch.taylor_network",
    "PyTorch, GRU by Adam": "pytorch.gru",
    "jax-sysid, its quasi-LPV class": "sysid.ready_made",
    "jax-sysid, system written out": "sysid.written_out",
    "nfoursid": "subspace.n4sid",
}
OURS = "ours.translator"
