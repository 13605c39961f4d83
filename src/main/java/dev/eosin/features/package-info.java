/// What models take of image towers: the tokens of one of their layers, computed now or kept on
/// disk from before.
///
/// Ring 3, after `train`: may use `tower`, `data`, `train` and what lies below. Start reading at
/// [TowerSettings] and [ImageFeatures], then [TowerFeatures].
@NullMarked
package dev.eosin.features;

import org.jspecify.annotations.NullMarked;
