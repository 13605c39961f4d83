/// PA-LLaVA's own PLIP, in ALBEF's manner: an image tower and a text encoder that also reads
/// images, beside copies that follow them slowly, and a queue of what those made of earlier pairs.
///
/// Ring 4: may use `features`, `language`, `tower`, `train`, `eval` and what lies below. Start
/// reading at [Albef], then [AlbefStep]; [AlbefNames] knows what others call the weights.
@NullMarked
package dev.eosin.albef;

import org.jspecify.annotations.NullMarked;
