/**
 * JMH benchmarks of encoding and decoding, without a socket.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.codec.EncodePublishBenchmark},
 * {@link dev.holdfast.jmh.codec.DecodeAcksBenchmark}.
 */
@NullMarked
package dev.holdfast.jmh.codec;

import org.jspecify.annotations.NullMarked;
