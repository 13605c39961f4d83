/// Decoding of PNG, JPEG, TIFF, WebP, BMP and GIF into the pixels that Pillow gives.
///
/// Ring 1, above `image`. Start reading at [ImageDecoder], then [JpegDecoder] and [TiffDecoder].
@NullMarked
package dev.eosin.image.formats;

import org.jspecify.annotations.NullMarked;
