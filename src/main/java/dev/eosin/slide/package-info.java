/// Whole slides: reading them, what a pixel measures, where tissue is, which tiles are cut.
///
/// Ring 2: may use rings 0 and 1. Start reading at `Slide`; then `PixelSizes` (micrometres),
/// `TilePlan` (from which level, and where), `TissueMask` (what is tissue).
@NullMarked
package dev.eosin.slide;

import org.jspecify.annotations.NullMarked;
