/// What whole slides need beyond files of images: pieces whose tables stand elsewhere, JPEG 2000,
/// and OpenSlide where the machine has it.
///
/// Ring 1, above `image.formats`. Start reading at [SlideCodecs].
@NullMarked
package dev.eosin.image.slides;

import org.jspecify.annotations.NullMarked;
