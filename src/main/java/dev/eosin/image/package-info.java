/// Images in memory: rasters in the colour mode of their file, Pillow-exact resizing, and PNG and
/// JPEG as they are written; all on plain byte arrays.
///
/// Ring 1: may use config and tensor. Start reading at [Raster] (what decoding gives), then
/// [Resize]. Sub-packages: `image.formats` decodes, `image.augmentation` changes tiles in training,
/// `image.transforms` makes inputs of them, `image.slides` decodes the pieces of slides.
@NullMarked
package dev.eosin.image;

import org.jspecify.annotations.NullMarked;
