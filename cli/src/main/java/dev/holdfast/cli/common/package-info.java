/**
 * Types that the commands share: the standard streams, error lines, progress, and options with their converters.
 *
 * <p>Starting points: {@link dev.holdfast.cli.common.Streams} is what every command reads and writes,
 * {@link dev.holdfast.cli.common.ErrorHandler} turns exceptions into one line and an exit code.
 */
@NullMarked
package dev.holdfast.cli.common;

import org.jspecify.annotations.NullMarked;
