/// From files to the image tower's input: cropping, resizing, augmentation and normalisation, as a
/// recipe's `data.image` says it.
///
/// Ring 1, above `image.formats` and `image.augmentation`. Start reading at [ImageSettings] and
/// [ImageTransforms], then [EvaluationTransform]; training is [TrainingTransform], a [Crop] and a
/// list of steps.
@NullMarked
package dev.eosin.image.transforms;

import org.jspecify.annotations.NullMarked;
