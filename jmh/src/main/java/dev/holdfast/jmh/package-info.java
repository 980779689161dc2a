/**
 * What a message costs, measured beside others' clients.
 *
 * <p>Starting points: {@link dev.holdfast.jmh.Throughput} measures confirmed publishes over a socket for a while and prints
 * a line for each client; the packages {@code codec} and {@code client} hold the JMH benchmarks; {@code impl} holds what
 * lets the same code drive every client. {@link dev.holdfast.jmh.Report} makes a page of JMH's results.
 */
@NullMarked
package dev.holdfast.jmh;

import org.jspecify.annotations.NullMarked;
