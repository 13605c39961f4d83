/// Files that are there whole or not at all: atomic files and folders, digests, room on a disk.
///
/// Ring 0: may use `config`. Start reading at `AtomicFile`.
@NullMarked
package dev.eosin.file;

import org.jspecify.annotations.NullMarked;
