/// What is wrong with data before it trains anything: leaks between splits, duplicates, bad files,
/// captions that do not fit.
///
/// Ring 2, beside `data`, whose sources it reads; nothing in `data` knows it. Start reading at
/// `SourceStatistics` and `LeakCheck`.
@NullMarked
package dev.eosin.data.quality;

import org.jspecify.annotations.NullMarked;
