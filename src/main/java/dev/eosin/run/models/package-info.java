/// What a command line names as a stored model: looked at, converted, merged, exported, asked,
/// searched with and served.
///
/// Ring 7, above `run.folders`. Start reading at [StoredModels], then [Conversion], [Export] and
/// [Generation].
@NullMarked
package dev.eosin.run.models;

import org.jspecify.annotations.NullMarked;
