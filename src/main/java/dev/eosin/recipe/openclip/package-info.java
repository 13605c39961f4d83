/// open_clip's command line turned into a recipe, flag by flag.
///
/// Start reading at `OpenClipImport`.
@NullMarked
package dev.eosin.recipe.openclip;

import org.jspecify.annotations.NullMarked;
