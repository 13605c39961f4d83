/// Image and text towers of every kind, with their sizes, their names in foreign files and their
/// position tables. Each may stand under any prefix, in any model.
///
/// Ring 2, after `model`: may use rings 0 and 1 and `model`. Start reading at `ImageTower`.
@NullMarked
package dev.eosin.tower;

import org.jspecify.annotations.NullMarked;
