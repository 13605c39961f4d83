/// Tensors on disk: safetensors files, the name tables of foreign formats, folders written
/// atomically, the native checkpoints that training resumes from, and `[Download]` for files of
/// others. `docs/formats.md` is the specification.
///
/// Ring 1: may use config and tensor. A stored tensor is a type, a shape and a
/// [java.lang.foreign.MemorySegment]; only [MappedWeights] hands it to the engine. Start reading at
/// [StoredTensors], then [Layout] and [CheckpointStore].
@NullMarked
package dev.eosin.checkpoint;

import org.jspecify.annotations.NullMarked;
