/**
 * The command {@code holdfast}, which tries the library and publishes and consumes lines from a shell. Each larger
 * command has a package of its own.
 *
 * <p>Starting points: {@link dev.holdfast.cli.Main} assembles the commands,
 * {@link dev.holdfast.cli.publish.PublishCommand} is the largest of them.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
