/** Programs to copy from, one for each task. Each runs alone, with the broker's URI as its argument, and in the build. */
@NullMarked
package dev.holdfast.examples;

import org.jspecify.annotations.NullMarked;
