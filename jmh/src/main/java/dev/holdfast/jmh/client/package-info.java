/**
 * JMH benchmarks of whole clients against a peer in a separate process.
 *
 * <p>Starting point: {@link dev.holdfast.jmh.client.ConfirmedPublishBenchmark}.
 */
@NullMarked
package dev.holdfast.jmh.client;

import org.jspecify.annotations.NullMarked;
