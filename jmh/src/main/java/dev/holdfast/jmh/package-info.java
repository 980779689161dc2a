/**
 * Command lines that measure Holdfast beside other clients.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.Floors} measures the required minimum, {@link dev.holdfast.jmh.Matrix}
 * any combination of client, task and size, and {@link dev.holdfast.jmh.Throughput} confirmed publishes alone. The
 * packages {@code codec} and {@code client} hold the JMH benchmarks, of whose results {@link dev.holdfast.jmh.Report}
 * writes a page.
 */
@NullMarked
package dev.holdfast.jmh;

import org.jspecify.annotations.NullMarked;
