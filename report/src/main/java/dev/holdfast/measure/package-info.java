/**
 * What work costs this JVM, for whoever measures a client: processor time, heap, latencies.
 *
 * <p>Starting points: {@link dev.holdfast.measure.CostMeter} counts from a moment on, {@link dev.holdfast.measure.Latencies} says
 * what a histogram holds.
 */
@NullMarked
package dev.holdfast.measure;

import org.jspecify.annotations.NullMarked;
