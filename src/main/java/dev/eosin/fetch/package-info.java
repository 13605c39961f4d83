/// Verified downloads of weights and libraries: manifests, locks, mirrors, resumed transfers.
///
/// Ring 1, after `checkpoint`: may use rings 0 and 1's `checkpoint`. Start reading at
/// `FetchFolder`.
@NullMarked
package dev.eosin.fetch;

import org.jspecify.annotations.NullMarked;
