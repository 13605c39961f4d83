/// Products of a few rows with large matrices, and what stands between them in a decoder's step, on
/// the CPU with Java's vector module.
///
/// A token that is generated reads every weight once: its time is that of memory, if the threads
/// wait for nothing else. libtorch wakes its threads for each product; a [WorkTeam]'s wait awake.
///
/// Ring 0; uses `tensor`. Works where Java was started with the module ([VectorModule]); start
/// reading at [RowMatrix].
@NullMarked
package dev.eosin.tensor.vectors;

import org.jspecify.annotations.NullMarked;
