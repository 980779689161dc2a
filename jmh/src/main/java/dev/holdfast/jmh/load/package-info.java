/**
 * Measurements over a real socket, each in a forked JVM.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.load.Scenario} describes a measurement,
 * {@link dev.holdfast.jmh.load.Trials} runs scenarios in alternating rounds, {@link dev.holdfast.jmh.load.ForkedMain}
 * is the main class of the forked JVMs.
 */
@NullMarked
package dev.holdfast.jmh.load;

import org.jspecify.annotations.NullMarked;
