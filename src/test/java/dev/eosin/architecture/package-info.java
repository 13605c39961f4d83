/// Tests of the code's shape: the rings of docs/map.md, and the rules that a compiler cannot check.
@NullMarked
package dev.eosin.architecture;

import org.jspecify.annotations.NullMarked;
