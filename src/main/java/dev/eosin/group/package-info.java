/// Ranks that train together and what they exchange. Today a single process, and several ranks in
/// one Java machine, by which tests show that a family computes the same on any number of them.
///
/// Ring 1: may use ring 0. Start reading at `Group`.
@NullMarked
package dev.eosin.group;

import org.jspecify.annotations.NullMarked;
