/// Drawn H&E tiles with captions: stain amounts painted on a plane, developed by Beer-Lambert; and
/// the sources that give them as samples, with captions, questions and conversations.
///
/// Ring 2, above `data.settings`. Start reading at [SyntheticTiles], then [TileRenderer] and one of
/// the painters; for tiles that are asked about at [FactTiles], then [FactQuestion]; the sources
/// are [SyntheticSource] and [FactQuestions].
@NullMarked
package dev.eosin.data.synthetic;

import org.jspecify.annotations.NullMarked;
