/**
 * The command {@code publish}: one message for every line of the input.
 *
 * <p>Starting points: {@link dev.holdfast.cli.publish.PublishCommand} runs it,
 * {@link dev.holdfast.cli.publish.CountingPublisher} publishes and counts the outcome of every message.
 */
@NullMarked
package dev.holdfast.cli.publish;

import org.jspecify.annotations.NullMarked;
