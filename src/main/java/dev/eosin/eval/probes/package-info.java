/// Probes: small classifiers on vectors of a model that stays as it is, and what they tell of its
/// layers. Plain Java arithmetic in double.
///
/// Ring 3, a sub-package of eval, above `eval.activations`. Start reading at [LayerProbe], then
/// [LogisticRegression] and [AreaUnderCurve].
@NullMarked
package dev.eosin.eval.probes;

import org.jspecify.annotations.NullMarked;
