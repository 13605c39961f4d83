"""Writes slide features as TRIDENT and CLAM keep them; run with h5py 3.16 in this folder."""
import h5py
import numpy as np


def features(n, d, start=0):
    i, j = np.mgrid[start:start + n, 0:d]
    return (((i * 31 + j * 7) % 64) / 64 - 0.5).astype("f4")


def write(path, n, d, chunked, dtype="f4", encoder=None, coords=True, start=0, rank3=False):
    with h5py.File(path, "w") as f:
        values = features(n, d, start).astype(dtype)
        if rank3:
            values = values[None]
        more = dict(chunks=tuple(min(s, 8) for s in values.shape), maxshape=(None,) + values.shape[1:]) if chunked else {}
        if chunked == "gzip":
            more["compression"] = "gzip"
        dataset = f.create_dataset("features", data=values, **more)
        if encoder:
            dataset.attrs["encoder"] = encoder
        if coords:
            at = np.stack([np.arange(n) * 512, np.arange(n) * 256 + 3], 1).astype("i8")
            c = f.create_dataset("coords", data=at, **(dict(chunks=(8, 2), maxshape=(None, 2)) if chunked else {}))
            c.attrs["patch_size"] = 256
            c.attrs["name"] = "slide"


write("trident.h5", 19, 12, "gzip", encoder="conch_v15")
write("clam.h5", 10, 12, True, start=19)
write("half.h5", 5, 12, False, dtype="f2", coords=False)
write("bag.h5", 4, 12, False, rank3=True)
write("mixed/a.h5", 3, 12, False, encoder="uni")
write("mixed/b.h5", 2, 12, False, encoder="conch")
with h5py.File("other.h5", "w") as f:
    f.create_dataset("labels", data=np.arange(3))
