/// The engine seam: tensors with explicit lifetimes, TorchScript kernels, the tape, stateless
/// randomness.
///
/// Ring 0, and the only package that knows DJL's engine. Start reading at `Tape`, then `Kernels`.
@NullMarked
package dev.eosin.tensor;

import org.jspecify.annotations.NullMarked;
