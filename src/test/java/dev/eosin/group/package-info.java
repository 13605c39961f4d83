/// Tests of the ranks of a run.
@NullMarked
package dev.eosin.group;

import org.jspecify.annotations.NullMarked;
