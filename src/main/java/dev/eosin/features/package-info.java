/// What models take of image towers: the tokens of one of their layers, computed now or kept from
/// before.
///
/// Ring 3: may use `tower`, `data` and what lies below. Start reading at [ImageFeatures], then
/// [TowerFeatures].
@NullMarked
package dev.eosin.features;

import org.jspecify.annotations.NullMarked;
