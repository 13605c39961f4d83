/// Whole slides as sources, and slides or patients with what is to be told of them.
///
/// Ring 2, above `data.tables`. Start reading at [SlidesSource], then [SlideList] and
/// [SampleTable].
@NullMarked
package dev.eosin.data.slides;

import org.jspecify.annotations.NullMarked;
