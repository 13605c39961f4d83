/// What a Java program calls to use a trained model: open a folder, embed images and texts,
/// classify by text, find the nearest. docs/api.md has an example that runs. What is public here
/// stays as it is from one version to the next; what lies in other packages may change.
///
/// Ring 7, beside run: may use rings 0 to 6, since a run's recipe says how its model is used. Start
/// reading at [PathologyClip].
@NullMarked
package dev.eosin.api;

import org.jspecify.annotations.NullMarked;
