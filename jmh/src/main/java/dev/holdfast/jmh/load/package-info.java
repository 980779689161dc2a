/**
 * One measurement over a real socket in a JVM of its own, and how many of them are taken in turn.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.load.Case} says what is measured, {@link dev.holdfast.jmh.load.Trials} runs cases
 * alternately in fresh JVMs, {@link dev.holdfast.jmh.load.Child} is the main class of those.
 */
@NullMarked
package dev.holdfast.jmh.load;

import org.jspecify.annotations.NullMarked;
