/// Folders of images as sources: a folder for each class, or texts and tables beside the images.
///
/// Ring 2, above `data.settings`. Start reading at [FolderSource].
@NullMarked
package dev.eosin.data.folders;

import org.jspecify.annotations.NullMarked;
