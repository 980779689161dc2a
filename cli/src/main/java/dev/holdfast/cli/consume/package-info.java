/**
 * The command {@code consume}: one line of output for every message of a queue.
 *
 * <p>Starting points: {@link dev.holdfast.cli.consume.ConsumeCommand} runs it, {@code QueuePrinter} prints and
 * acknowledges.
 */
@NullMarked
package dev.holdfast.cli.consume;

import org.jspecify.annotations.NullMarked;
