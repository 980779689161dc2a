/**
 * Programs to copy from, one a task. Each takes the URI of a broker as its argument. ExamplesIT runs them in the
 * build.
 */
@NullMarked
package dev.holdfast.examples;

import org.jspecify.annotations.NullMarked;
