/**
 * What whole clients do against a peer in a process of its own.
 *
 * <p>Starting point: {@link dev.holdfast.jmh.client.ConfirmedPublishBenchmark}.
 */
@NullMarked
package dev.holdfast.jmh.client;

import org.jspecify.annotations.NullMarked;
