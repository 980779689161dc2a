/**
 * What encoding and decoding cost, without a socket.
 *
 * <p>Starting point: {@link dev.holdfast.jmh.codec.EncodePublishBenchmark}.
 */
@NullMarked
package dev.holdfast.jmh.codec;

import org.jspecify.annotations.NullMarked;
