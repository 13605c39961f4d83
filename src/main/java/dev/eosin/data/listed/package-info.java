/// Images and texts in the order of a folder or a table, for whoever looks at them without
/// training: neither captions nor classes are asked for.
///
/// Ring 2, above `data.opened`. Start reading at [ListedImages], then [ListedImage].
@NullMarked
package dev.eosin.data.listed;

import org.jspecify.annotations.NullMarked;
