/**
 * Measures what an AMQP client costs this JVM: processor time, heap allocation, latencies.
 *
 * <p>Starting points: {@link dev.holdfast.measure.CostMeter} measures from its creation on,
 * {@link dev.holdfast.measure.Latencies} returns the percentiles of a histogram.
 */
@NullMarked
package dev.holdfast.measure;

import org.jspecify.annotations.NullMarked;
