/**
 * The command {@code holdfast}: try the library, and publish and consume lines from a shell. One small class a command, and
 * the pieces that they share.
 *
 * <p>Starting points: {@link dev.holdfast.cli.Main} puts the commands together, {@link dev.holdfast.cli.PublishCommand} is
 * the one that does most, {@link dev.holdfast.cli.Publishing} counts the outcome of every message.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
