"""The video room: real H.264 films of any asked size, rate and length, made without an encoder."""
